/** What one scan for hung tasks costs: the only thing that the event does while nothing hangs. */
import { readdirSync } from "node:fs";
import { enableStatistics, openObject } from "bpf-loader-napi";

const SCANS = 200;

const url = new URL("../../events/hungtask/hungtask.bpf.o", import.meta.url);
using object = openObject(url, { programs: ["scan"] }).load();
const settings = object.map(".data.settings");
settings.update(0, { ...(settings.lookup(0) as object), threshold_ns: 30_000_000_000n });
const link = object.attach("scan", {});
const program = object.program("scan");

function countThreads(): number {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.reduce((total, pid) => total + countTasks(pid), 0);
}

function countTasks(pid: string): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0; // it has ended
  }
}

const threads = countThreads();
const scansUs = Array.from({ length: SCANS }, () => {
  const startMs = performance.now();
  link.iterate();
  return (performance.now() - startMs) * 1_000;
}).sort((left, right) => left - right);
const scanUs = scansUs[SCANS / 2] ?? 0;

using statistics = enableStatistics();
const before = program.statistics();
link.iterate();
const after = program.statistics();
void statistics;
const programNs = Number(after.runTimeNs - before.runTimeNs) / Number(after.runCount - before.runCount);

process.stdout.write(
  `hungtask scan: ${scanUs.toFixed(0)} us for ${threads} threads, ${((scanUs * 1_000) / threads).toFixed(0)} ns a thread, ` +
    `of it ${programNs.toFixed(0)} ns in the program with statistics on\n`,
);
