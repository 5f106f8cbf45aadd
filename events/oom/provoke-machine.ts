/** An out-of-memory kill on behalf of the whole machine, asked for by SysRq. Only for a machine that is thrown away. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Killed } from "./provoke.ts";

/** The kernel chooses; a process that asks to be killed first is what it chooses. */
export async function provokeMachineOom(): Promise<Pick<Killed, "pid" | "signal">> {
  const script = "echo 1000 > /proc/self/oom_score_adj && echo ready && exec tail -f /dev/null";
  const victim = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(victim, "exit") as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  try {
    await once(victim.stdout, "data");
    writeFileSync("/proc/sysrq-trigger", "f");
    const [, signal] = await exited;
    return { pid: victim.pid ?? 0, signal };
  } finally {
    victim.kill("SIGKILL");
  }
}
