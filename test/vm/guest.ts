/** One run of a virtual machine, emulated in software: what it writes on its second serial port, line by line. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { DebianKernel } from "./debian-kernel.ts";
import { measureClockKhz } from "./clock-frequency.ts";
import { firmwareParameter, hardwareParameters } from "./guest-hardware.ts";
import { VmError } from "./vm-error.ts";

export interface GuestOptions {
  readonly kernel: DebianKernel;
  /** Root file system; what the guest changes is thrown away. */
  readonly rootDisk: string;
  /** Receives what Node compiled, for the next guest (`compile-cache.ts`). */
  readonly cacheDisk?: string;
  /** For the guest's first process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives all that the guest's kernel and tests print. */
  readonly consolePath: string;
  readonly deadlineMs: number;
  /** One CPU whose clock counts instructions, 2 ns each, so that the same work takes the same time on every host. */
  readonly isCounted?: boolean;
  /** Ends the guest at once; `runGuest` then resolves. */
  readonly signal: AbortSignal;
}

const LAST_LINES = 60;

/** Resolves when the guest powered off; rejects with the console's last lines when it had to be ended. */
export async function runGuest(options: GuestOptions, takeLine: (line: string) => void): Promise<void> {
  const { kernel, deadlineMs, signal } = options;
  // QEMU dies with us, whatever way we die.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...qemuParameters(options)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close") as Promise<[code: number | null]>;
  const deadline = AbortSignal.timeout(deadlineMs);
  const stop = AbortSignal.any([deadline, signal]);
  const kill = (): void => void child.kill("SIGKILL");
  stop.addEventListener("abort", kill);
  if (stop.aborted) kill();
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  try {
    createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", takeLine);
    const [code] = await closed;
    if (deadline.aborted)
      throw describeFailure(`${kernel.release} was ended after ${deadlineMs / 1_000} s`, options);
    if (readConsole(options.consolePath).includes("Kernel panic")) {
      throw describeFailure(`${kernel.release} panicked`, options);
    }
    if (code !== 0 && !signal.aborted) {
      throw describeFailure(`QEMU ended with ${code}: ${errors.trim()}`, options);
    }
  } finally {
    stop.removeEventListener("abort", kill);
    kill();
  }
}

function qemuParameters(options: GuestOptions): string[] {
  const { kernel, rootDisk, cacheDisk, environment, consolePath, isCounted = false } = options;
  // Without tsc=reliable an emulated machine falls back to a slow clock.
  const system = "console=ttyS0 quiet root=/dev/nvme0n1 rw init=/init tsc=reliable mitigations=off";
  // Nothing in the background may cost instructions now and then, nor where a process lies. A clock of instructions is
  // known without measuring.
  const own = isCounted
    ? "rootflags=noinit_itable norandmaps"
    : `tsc_early_khz=${measureClockKhz(dirname(rootDisk))}`;
  // A kernel in trouble ends at once instead of at the deadline.
  const trouble = "panic=-1 oops=panic";
  // Attaching, detaching and taking namespaces apart wait for one grace period after the other.
  const haste = isCounted ? "" : "rcupdate.rcu_expedited=1";
  const firmware = isCounted ? "" : firmwareParameter;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    // KVM is left alone: it is not there where this must run.
    isCounted
      ? ["-accel", "tcg,thread=single", "-icount", "shift=1,sleep=on", "-smp", "1"]
      : ["-accel", "tcg,thread=multi", "-smp", "2"],
    ["-cpu", "max,-erms,-fsrm", "-m", "2G"],
    ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    // What is measured shall not change with what else a guest has.
    isCounted ? [] : hardwareParameters(dirname(rootDisk)),
    ["-kernel", kernel.imagePath, "-append", [system, own, trouble, haste, firmware, ...variables].join(" ")],
    // The only one that needs no module: of two, 6.12 finds either first.
    ["-drive", `file=${rootDisk},format=raw,if=none,id=root,snapshot=on,cache=unsafe`],
    ["-device", "nvme,drive=root,serial=root"],
    cacheDisk === undefined ? [] : ["-drive", `file=${cacheDisk},format=raw,if=virtio,cache=unsafe`],
    ["-serial", `file:${consolePath}`, "-serial", "stdio"],
  ].flat();
}

/** The kernel's own last words come first. */
export function describeFailure(what: string, { consolePath }: Pick<GuestOptions, "consolePath">): VmError {
  const lines = readConsole(consolePath).split(/\r?\n/);
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
