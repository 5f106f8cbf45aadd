/** A CPU that is really kept from its work for a while, in the context of a process in a cgroup like a container's. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { makeMemoryCgroup } from "./cgroup.ts";

const child = fileURLToPath(new URL("stall-child.ts", import.meta.url));
const NO_LIMIT_BYTES = 2 ** 40;

export interface Stalled {
  /** Of the process that the CPU was taken from. */
  readonly pid: number;
  readonly containerId: string;
  readonly cgroupPath: string;
}

/**
 * `softirqs`: in the handler of softirq HRTIMER, so that no other softirq and no task runs on that CPU. `interrupts`:
 * with interrupts off. On this CPU, or any. Resolves when it is over.
 */
export async function stallCpu(
  kind: "softirqs" | "interrupts",
  durationMs: number,
  cpu?: number,
): Promise<Stalled> {
  const containerId = randomBytes(32).toString("hex");
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/${containerId}`, NO_LIMIT_BYTES);
  const script = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const choice = cpu === undefined ? [] : ["taskset", (1 << cpu).toString(16)];
  const stalled = spawn(
    "sh",
    ["-c", script, cgroup.directory, ...choice, process.execPath, child, kind, String(durationMs)],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const [code] = (await once(stalled, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the process that stalls a CPU ended with ${code}`);
  return { pid: stalled.pid ?? 0, containerId, cgroupPath: cgroup.path };
}
