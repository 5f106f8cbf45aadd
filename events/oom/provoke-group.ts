/** Processes that the kernel kills together: those of a cgroup with memory.oom.group. */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { CannotProvokeError } from "#test/provoke/cannot-provoke.ts";
import { makeMemoryCgroup } from "#test/provoke/cgroup.ts";
import type { TestCgroup } from "#test/provoke/cgroup.ts";
import { outgrow } from "./provoke.ts";

export interface KilledGroup {
  readonly pids: readonly number[];
  /** What the kernel's own counter `oom_kill` of the cgroup says afterwards. */
  readonly kernelCount: number;
}

/** One of the group takes memory until a limit above is met. Resolves when all are dead. */
export async function provokeGroupOom(path: string, idlers: number): Promise<KilledGroup> {
  return killGroup(path, idlers, async (cgroup) => {
    const { pid } = await outgrow(cgroup);
    return [pid];
  });
}

/** The whole machine is short, by SysRq, and these are whom the kernel kills first. Only for a machine that is thrown away. */
export async function provokeMachineGroupOom(path: string, idlers: number): Promise<KilledGroup> {
  return killGroup(path, idlers, () => {
    writeFileSync("/proc/sysrq-trigger", "f");
    return Promise.resolve([]);
  });
}

async function killGroup(
  path: string,
  idlers: number,
  kill: (cgroup: TestCgroup) => Promise<readonly number[]>,
): Promise<KilledGroup> {
  await using cgroup = makeMemoryCgroup(path);
  if (!cgroup.isVersion2) throw new CannotProvokeError("memory.oom.group is only on version 2 of cgroups");
  cgroup.write("memory.oom.group", "1");
  const members = Array.from({ length: idlers }, () => startIdler(cgroup));
  const ends = members.map((member) => once(member, "close"));
  try {
    await Promise.all(members.map(({ stdout }) => once(stdout, "data")));
    const others = await kill(cgroup);
    await Promise.all(ends);
    const pids = [...members.map(({ pid }) => pid ?? 0), ...others];
    return { pids, kernelCount: readKills(cgroup) };
  } finally {
    for (const member of members) member.kill("SIGKILL");
  }
}

function startIdler({ directory }: TestCgroup): ChildProcessByStdio<null, Readable, null> {
  const script =
    'echo $$ >"$0/cgroup.procs" && echo 1000 >/proc/self/oom_score_adj && echo ready && exec tail -f /dev/null';
  return spawn("sh", ["-c", script, directory], { stdio: ["ignore", "pipe", "inherit"] });
}

function readKills({ directory }: TestCgroup): number {
  const events = readFileSync(join(directory, "memory.events"), "utf8");
  return Number(/^oom_kill (\d+)$/m.exec(events)?.[1]);
}
