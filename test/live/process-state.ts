/** What a process that does not get on is waiting for, as the kernel tells it; for the message of a test that fails. */
import { readdirSync, readFileSync } from "node:fs";

/** One line for each thread: its name and state, the number of its system call, and where in the kernel it is. */
export function describeProcess(pid: number): string {
  const threads = list(`/proc/${pid}/task`).map((tid) => {
    const read = (name: string): string => readText(`/proc/${pid}/task/${tid}/${name}`);
    const state = /^State:\s*(?<state>.*)$/m.exec(read("status"))?.groups?.["state"] ?? "gone";
    const stack = read("stack")
      .replaceAll(/^\[<0>\] /gm, "")
      .split("\n")
      .slice(0, 6)
      .join(" < ");
    return `  ${tid} ${read("comm")}: ${state}, system call ${read("syscall").split(" ", 1)[0]}, ${stack}`;
  });
  return `process ${pid}:\n${threads.join("\n")}`;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
