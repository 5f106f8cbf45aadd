/** What starting from the bundle saves beside the sources: CPU time until the program is ready, and memory then, with the fewest of each of some runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const RUNS = 5;
/** USER_HZ, which the kernel tells times in whatever its own ticks are. */
const TICK_MS = 10;

interface Start {
  readonly cpuMs: number;
  readonly memoryMegabytes: number;
}

async function start(program: string, config: string): Promise<Start> {
  const child = spawn(
    process.execPath,
    ["--disable-sigusr1", join(root, program), "run", "--config", config],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  for await (const text of child.stderr.setEncoding("utf8") as AsyncIterable<string>) {
    said += text;
    if (said.includes("kerntel: ready")) break;
  }
  if (!said.includes("kerntel: ready")) throw new Error(`it did not start: ${said}`);
  const times = readFileSync(`/proc/${child.pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const resident = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  child.kill("SIGTERM");
  await once(child, "exit");
  return {
    // utime and stime, fields 14 and 15 of proc_pid_stat(5).
    cpuMs: (Number(times[11]) + Number(times[12])) * TICK_MS,
    memoryMegabytes: Number(resident) / 1024,
  };
}

async function fewest(program: string, config: string): Promise<Start> {
  const starts: Start[] = [];
  for (let run = 0; run < RUNS; run++) starts.push(await start(program, config));
  return {
    cpuMs: Math.min(...starts.map(({ cpuMs }) => cpuMs)),
    memoryMegabytes: Math.min(...starts.map(({ memoryMegabytes }) => memoryMegabytes)),
  };
}

function tell(what: string, from: number, to: number, unit: string): void {
  process.stdout.write(
    `${what}: ${to.toFixed(0)} ${unit} from the bundle, ${from.toFixed(0)} ${unit} from the sources: ${(to / from).toFixed(2)}\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "kerntel-start-"));
const config = join(folder, "kerntel.yaml");
writeFileSync(
  config,
  `file_format: "1.0"\ndistribution:\n  kerntel:\n    state_directory: ${folder}/state\n`,
);
try {
  const sources = await fewest("receiver/main.ts", config);
  const bundle = await fewest("build/program/main.js", config);
  tell("CPU until ready, all events", sources.cpuMs, bundle.cpuMs, "ms");
  tell("resident memory then", sources.memoryMegabytes, bundle.memoryMegabytes, "MB");
} finally {
  rmSync(folder, { recursive: true });
}
