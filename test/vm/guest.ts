/** One run of a virtual machine, emulated in software: what it writes on its second serial port, line by line. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { qemuParameters } from "./qemu-parameters.ts";
import type { GuestOptions } from "./qemu-parameters.ts";
import { VmError } from "./vm-error.ts";

const LAST_LINES = 60;

/** To QEMU's monitor: the kernel panics by it, and its console then holds where each task stands, and each timer. */
const askKernel = "nmi\n";
const LAST_WORDS_MS = 10_000;

/** What can be done to a running guest. */
export interface Machine {
  /** Nothing of it runs meanwhile, and its clocks go on: it sees them jump. */
  pause(durationMs: number): void;
}

/** Resolves when the guest powered off; rejects with the console's last lines when it had to be ended. */
export async function runGuest(
  options: GuestOptions,
  takeLine: (line: string, machine: Machine) => void,
): Promise<void> {
  const { kernel, deadlineMs, signal } = options;
  // QEMU dies with us, whatever way we die.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...qemuParameters(options)], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const closed = once(child, "close") as Promise<[code: number | null]>;
  const kill = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  const [, output, complaints, monitor] = child.stdio as unknown as [null, Readable, Readable, Socket];
  monitor.on("error", () => {}).resume();
  const machine: Machine = {
    pause: (durationMs) => {
      child.kill("SIGSTOP");
      setTimeout(() => child.kill("SIGCONT"), durationMs);
    },
  };
  let overdue: VmError | undefined;
  let timer = setTimeout(() => {
    overdue = describeFailure(`${kernel.release} was ended after ${deadlineMs / 1_000} s`, options);
    monitor.write(askKernel);
    timer = setTimeout(kill, LAST_WORDS_MS);
  }, deadlineMs);
  let errors = "";
  complaints.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  try {
    createInterface({ input: output, crlfDelay: Infinity }).on("line", (line) => {
      takeLine(line, machine);
    });
    const [code] = await closed;
    if (overdue !== undefined) throw overdue;
    if (readConsole(options.consolePath).includes("Kernel panic")) {
      throw describeFailure(`${kernel.release} panicked`, options);
    }
    if (code !== 0 && !signal.aborted) {
      throw describeFailure(`QEMU ended with ${code}: ${errors.trim()}`, options);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
    kill();
  }
}

/** The kernel's own last words come first. */
export function describeFailure(what: string, { consolePath }: Pick<GuestOptions, "consolePath">): VmError {
  const written = readConsole(consolePath).split(/\r?\n/);
  // A kernel that panicked goes on with all its tasks, far more than a screen.
  const tasks = written.findIndex((line) => /task:\S+ +state:/.test(line));
  const lines = tasks === -1 ? written : written.slice(0, tasks);
  const words = lines.find((line) => /Kernel panic|^.{0,40}Out of memory: Killed|Unable to mount/.test(line));
  const said = words === undefined ? "" : `; it said: ${words.trim()}`;
  const last = lines.slice(-LAST_LINES).join("\n");
  return new VmError("VM_FAILED", `${what}${said}\nLast lines of its console:\n${last}`);
}

function readConsole(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
