/** Which cgroups a process is in, by /proc: only a receiver that sees all processes and whole paths can tell. */
import { readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";

export interface ProcessCgroup {
  readonly hierarchy: number;
  readonly path: string;
}

/** Empty where there is no such process, or where its answer would not be the machine's. */
export type ReadProcessCgroups = (pid: number) => Promise<readonly ProcessCgroup[]>;

/** include/linux/proc_ns.h (PROC_PID_INIT_INO, PROC_CGROUP_INIT_INO): elsewhere pids are others', and paths begin further down. */
const initialNamespaces = { pid: "pid:[4026531836]", cgroup: "cgroup:[4026531835]" };

export const readProcessCgroups: ReadProcessCgroups = async (pid) => {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isInInitialNamespaces()) return [];
  return parseProcessCgroups(await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => ""));
};

/** cgroups(7): `hierarchy:controllers:path`. A process that has ended is in the root, or in what was removed. */
export function parseProcessCgroups(text: string): ProcessCgroup[] {
  return text.split("\n").flatMap((line) => {
    const [, hierarchy, path] = /^(\d+):[^:]*:(\/.+)$/.exec(line) ?? [];
    return path === undefined
      ? []
      : [{ hierarchy: Number(hierarchy), path: path.replace(/ \(deleted\)$/, "") }];
  });
}

function isInInitialNamespaces(): boolean {
  return Object.entries(initialNamespaces).every(([name, wanted]) => {
    try {
      return readlinkSync(`/proc/self/ns/${name}`) === wanted;
    } catch {
      return false;
    }
  });
}
