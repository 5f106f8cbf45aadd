/** A task that looks like a hung one and is none: the freezer holds it, in state `D`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { waitUntil } from "#test/live/wait-until.ts";
import { makeFreezerCgroup } from "#test/provoke/cgroup.ts";

export interface FrozenTask extends AsyncDisposable {
  readonly pid: number;
}

/** Until it is disposed. Needs the freezer of version 1. */
export async function freezeTask(): Promise<FrozenTask> {
  const cgroup = makeFreezerCgroup(`/kerntel-test-${process.pid}-frozen`);
  const script = 'echo $$ >"$0/cgroup.procs" && echo ready && exec tail -f /dev/null';
  const task = spawn("sh", ["-c", script, cgroup.directory], { stdio: ["ignore", "pipe", "inherit"] });
  await once(task.stdout, "data");
  cgroup.write("freezer.state", "FROZEN");
  const state = `${cgroup.directory}/freezer.state`;
  await waitUntil(
    "the task to be frozen",
    () => readFileSync(state, "utf8").startsWith("FROZEN") || undefined,
  );
  return { pid: task.pid ?? 0, [Symbol.asyncDispose]: () => cgroup[Symbol.asyncDispose]() };
}
