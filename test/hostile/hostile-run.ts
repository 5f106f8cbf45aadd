/** One program that a user runs: bounded in time, ended with its process group. */
import { spawn } from "node:child_process";
import { programPath } from "../provoke/programs.ts";

const OUTPUT_CHARACTERS = 1024 * 1024;
/** A process that left the group may hold the output open; then what came so far is all. */
const DRAIN_MS = 500;

export interface RunEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isTimedOut: boolean;
  /** The first 1,048,576 characters of each. */
  readonly out: string;
  readonly err: string;
}

export interface HostileRun extends AsyncDisposable {
  readonly pid: number;
  /** When it ended: by itself, at its limit or by `stop`. Never rejects. */
  readonly ended: Promise<RunEnd>;
  /** What it printed so far. */
  readonly out: () => string;
  /** Ends it and its process group by SIGKILL. */
  readonly stop: () => Promise<RunEnd>;
}

export interface RunSettings {
  readonly home: string;
  readonly limitMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** `command`: a program and its arguments. */
export function startRun(
  command: readonly string[],
  { home, limitMs, environment }: RunSettings,
): HostileRun {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    detached: true,
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: programPath, HOME: home, TMPDIR: home, ...environment },
  });
  const texts = { out: "", err: "" };
  const streams = [
    ["out", child.stdout],
    ["err", child.stderr],
  ] as const;
  for (const [name, stream] of streams) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text.slice(0, OUTPUT_CHARACTERS - texts[name].length);
    });
  }
  let isClosed = false;
  let isTimedOut = false;
  const end = (): void => {
    if (isClosed) return;
    killGroup(child.pid);
    setTimeout(() => {
      for (const [, stream] of streams) stream.destroy();
    }, DRAIN_MS).unref();
  };
  const timer = setTimeout(() => {
    isTimedOut = true;
    end();
  }, limitMs);
  const ended = new Promise<RunEnd>((resolve) => {
    const close = (code: number | null, signal: NodeJS.Signals | null): void => {
      isClosed = true;
      clearTimeout(timer);
      resolve({ code, signal, isTimedOut, ...texts });
    };
    child.once("close", close).once("error", (error) => {
      texts.err += String(error);
      close(null, null);
    });
  });
  const stop = (): Promise<RunEnd> => {
    end();
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    ended,
    out: () => texts.out,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** The child leads a group of its own, which may be gone already. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
