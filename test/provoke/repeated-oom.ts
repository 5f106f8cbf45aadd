/** Kills in one cgroup, one after the other, as of a program that is started again each time. */
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import type { TestCgroup } from "./cgroup.ts";

/** `$1`: how many; `$2`: the cgroup. Each hog joins before it grows; `tail` keeps the last line, and /dev/zero has only one. */
const script = `
for each in $(seq "$1"); do
  sh -c 'echo $$ >"$0/cgroup.procs" && exec tail /dev/zero' "$2" 2>/dev/null
  [ $? -eq 137 ] && echo killed
done; true`;

function count(out: string): number {
  return out.split("\n").filter((line) => line === "killed").length;
}

const command = (times: number, { directory }: TestCgroup): string[] => [
  "-c",
  script,
  "sh",
  `${times}`,
  directory,
];

/** Returns how many were killed. */
export async function provokeRepeatedOom(cgroup: TestCgroup, times: number): Promise<number> {
  const { stdout } = await promisify(execFile)("sh", command(times, cgroup), { encoding: "utf8" });
  return count(stdout);
}

/** The same, while this process does nothing else: what it would read waits. */
export function provokeWhileBlocked(cgroup: TestCgroup, times: number): number {
  return count(
    execFileSync("sh", command(times, cgroup), { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
}
