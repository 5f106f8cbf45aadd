/** Takes threads or memory away from its own process, says how the loader answers, gives it back and says so again. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClockSteps, openObject } from "../../source/index.ts";
import { native } from "../../source/native.ts";
import { fixture } from "../fixture.ts";

const [what = "", group = ""] = process.argv.slice(2);
const answers: unknown[] = [];

function attempt(call: () => unknown): void {
  try {
    call();
    answers.push("done");
  } catch (error) {
    const { name, code, errno, message } = error as Error & { code?: string; errno?: unknown };
    answers.push({ name, code, errno, message });
  }
}

function startThread(): void {
  new ClockSteps(() => {})[Symbol.dispose]();
}

function setMemoryLimit(bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(process.pid), `--as=${bytes}:unlimited`]);
}

if (what === "threads") {
  native();
  writeFileSync(join(group, "cgroup.procs"), String(process.pid));
  writeFileSync(join(group, "pids.max"), readFileSync(join(group, "pids.current")));
  attempt(startThread);
  attempt(startThread);
  writeFileSync(join(group, "pids.max"), "max");
  attempt(startThread);
} else {
  // Pages that are not there yet: the copy would be the first to need them.
  const image = new Uint8Array(2 ** 30);
  const path = fixture("maps");
  native();
  const sizeBytes =
    Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
  setMemoryLimit(sizeBytes + 2 ** 28);
  attempt(() => native().object_open(image, "huge", null, null));
  setMemoryLimit("unlimited");
  attempt(() => {
    openObject(path).close();
  });
}
process.stdout.write(JSON.stringify(answers));
