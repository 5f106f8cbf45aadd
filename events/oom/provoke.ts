/** A real out-of-memory kill: a process that grows inside a cgroup with a limit. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { makeMemoryCgroup } from "#test/provoke/cgroup.ts";
import type { TestCgroup } from "#test/provoke/cgroup.ts";

export const OOM_LIMIT_BYTES: number = 16 * 1024 * 1024;

export interface Killed {
  readonly pid: number;
  readonly containerId: string;
  readonly cgroupPath: string;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves when the process is dead and its cgroup is gone. `pathOf`: the cgroup of a container with that id. */
export async function provokeOom(
  pathOf: (containerId: string) => string = (id) => `/kerntel-test-${process.pid}/${id}`,
  limitBytes: number = OOM_LIMIT_BYTES,
): Promise<Killed> {
  const containerId = randomBytes(32).toString("hex");
  await using cgroup = makeMemoryCgroup(pathOf(containerId), limitBytes);
  const { pid, signal } = await outgrow(cgroup);
  return { pid, containerId, cgroupPath: cgroup.path, signal };
}

/** A process (`tail`) in the cgroup takes memory until it is killed. */
export async function outgrow(cgroup: TestCgroup): Promise<Pick<Killed, "pid" | "signal">> {
  // `tail` keeps the last line, and /dev/zero has only one.
  const hog = spawn("sh", ["-c", 'echo $$ > "$0/cgroup.procs" && exec tail /dev/zero', cgroup.directory], {
    stdio: "ignore",
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    hog.once("exit", (_code, endedBy) => {
      resolve(endedBy);
    });
  });
  return { pid: hog.pid ?? 0, signal };
}
