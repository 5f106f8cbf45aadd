/**
 * What softirq costs a softirq that is neither long waiting nor long running, beside empty programs on the same hooks
 * and beside `softirqs` of Debian's libbpf-tools. They take turns on the same load, because whoever comes second on a hook
 * finds it in the caches. Times are those of BPF run statistics, which add two clock reads to each run; on a shared
 * machine only the ratios say something.
 */
import { execFileSync, spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { enableStatistics, openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";
import { waitUntil } from "../live/wait-until.ts";
import { dropDatagrams } from "../provoke/drop.ts";

const TURNS = 12;
const DATAGRAMS = 4_000;
const stages = ["raise", "entry", "exit"] as const;

/** Of all CPUs since statistics were turned on, by stage. */
type RunTimes = readonly { readonly stage: string; readonly count: number; readonly timeNs: number }[];

/** Attaches, calls `load`, and says what the programs took. */
type Contender = (load: () => Promise<void>) => Promise<RunTimes>;

const root = fileURLToPath(new URL("../..", import.meta.url));
execFileSync(process.execPath, ["bpf/compile.ts", "test/bench/*.bpf.c"], { cwd: root });

const own =
  (path: string, prefix: string, change: (object: LoadedObject) => void = () => {}): Contender =>
  async (load) => {
    const programs = stages.map((stage) => prefix + stage);
    using object = openObject(new URL(path, import.meta.url), { programs }).load();
    change(object);
    for (const program of programs) object.attach(program);
    await load();
    return stages.map((stage) => {
      const { runCount, runTimeNs } = object.program(prefix + stage).statistics();
      return { stage, count: Number(runCount), timeNs: Number(runTimeNs) };
    });
  };

/** It loads two programs, for entry and exit in this order; the kernel shows what they took to whoever may look. */
const softirqs: Contender = async (load) => {
  const peer = spawn("softirqs", ["600"], { stdio: "ignore" });
  const failed = new Promise<never>((_resolve, reject) => {
    peer.once("error", reject);
  });
  try {
    const attached = waitUntil(
      "softirqs to load its programs",
      () => findPrograms(peer.pid ?? 0).length === 2 || undefined,
    );
    await Promise.race([failed, attached]);
    await load();
    const byId = (text: string): number => readField(text, "prog_id");
    const programs = findPrograms(peer.pid ?? 0).sort((left, right) => byId(left) - byId(right));
    return programs.map((text, index) => ({
      stage: index === 0 ? "entry" : "exit",
      count: readField(text, "run_cnt"),
      timeNs: readField(text, "run_time_ns"),
    }));
  } finally {
    peer.kill();
  }
};

/** As the event does where the thresholds are two ticks or more. */
function sample(object: LoadedObject, burst_skips: number): void {
  const settings = object.map(".data.settings");
  settings.update(0, { ...(settings.lookup(0) as object), burst_skips });
}

function findPrograms(pid: number): string[] {
  return globSync(`/proc/${pid}/fdinfo/*`)
    .map(readIfThere)
    .filter((text) => text.includes("run_time_ns:"));
}

/** It closes some of its files while it starts. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readField(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(text)?.[1]);
}

const contenders = new Map<string, Contender>([
  ["empty", own("empty.bpf.o", "empty_")],
  [
    "kerntel",
    own("../../events/softirq/softirq.bpf.o", "softirq_", (object) => {
      sample(object, 63);
    }),
  ],
  ["kerntel, each timed", own("../../events/softirq/softirq.bpf.o", "softirq_")],
  ["libbpf-tools", softirqs],
]);
const results = new Map<string, RunTimes>();

using statistics = enableStatistics();
void statistics;
for (let turn = 0; turn < TURNS; turn++) {
  for (const [name, contender] of contenders) {
    try {
      const times = await contender(async () => {
        await dropDatagrams("udp4", DATAGRAMS);
      });
      results.set(name, [...(results.get(name) ?? []), ...times]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      process.stdout.write(`${name}: not measured, the package is not installed\n`);
      contenders.delete(name);
    }
  }
}
for (const stage of stages) {
  const emptyNs = perRun("empty", stage);
  for (const name of results.keys()) {
    const ns = perRun(name, stage);
    if (!Number.isNaN(ns))
      process.stdout.write(
        `softirq_${stage}, ${name}: ${ns.toFixed(0)} ns, ${(ns / emptyNs).toFixed(2)} × empty\n`,
      );
  }
}

function perRun(name: string, stage: string): number {
  const turns = (results.get(name) ?? []).filter((times) => times.stage === stage);
  const total = (field: "count" | "timeNs"): number => turns.reduce((sum, times) => sum + times[field], 0);
  return total("timeNs") / total("count");
}
