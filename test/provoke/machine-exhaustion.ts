/** A machine that really has no memory left, and a kernel that then kills whoever asks. Only for a machine that is thrown away. */
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import type { Killed } from "#events/oom/provoke.ts";

const ROOM_KIB = 96 * 1024;
const HUGE_PAGES = "/proc/sys/vm/nr_hugepages";
const ALLOCATING_TASK = "/proc/sys/vm/oom_kill_allocating_task";

/**
 * Huge pages take all memory but a little, without touching it; a process takes the rest, and is killed with
 * `vm.oom_kill_allocating_task` (mm/oom_kill.c), for which everybody else may not be.
 */
export async function exhaustMachine(): Promise<Pick<Killed, "pid" | "signal">> {
  scoreAll(-1_000);
  try {
    writeFileSync(ALLOCATING_TASK, "1");
    writeFileSync(
      HUGE_PAGES,
      String(Math.floor((meminfo("MemAvailable") - ROOM_KIB) / meminfo("Hugepagesize"))),
    );
    const script = "echo 0 >/proc/self/oom_score_adj && exec tail /dev/zero";
    const hog = spawn("sh", ["-c", script], { stdio: "ignore" });
    const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
      hog.once("exit", (_code, endedBy) => {
        resolve(endedBy);
      });
    });
    return { pid: hog.pid ?? 0, signal };
  } finally {
    writeFileSync(HUGE_PAGES, "0");
    writeFileSync(ALLOCATING_TASK, "0");
    scoreAll(0);
  }
}

/** In KiB. */
function meminfo(name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(readFileSync("/proc/meminfo", "utf8"))?.[1]);
}

function scoreAll(score: number): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      writeFileSync(`/proc/${pid}/oom_score_adj`, String(score));
    } catch (error) {
      // It ended meanwhile.
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}
