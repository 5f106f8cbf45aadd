/**
 * What dropwatch costs a dropped packet, beside an empty program on the same hook in the same run. Times are those
 * of BPF run statistics, which add two clock reads to each run; on a shared machine only the ratio says something.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { enableStatistics, openObject } from "bpf-loader-napi";
import type { LoadedObject, Program } from "bpf-loader-napi";
import { createKernelNames } from "#receiver/tracing/kernel-names.ts";
import { changeSettings } from "#receiver/tracing/kernel-settings.ts";
import { KernelFilter } from "#receiver/tracing/packet-filter.ts";
import { dropDatagrams } from "../provoke/drop.ts";

const DROPS = 20_000;
const BITE = 200;
const root = fileURLToPath(new URL("../..", import.meta.url));
const dropProgram = createKernelNames().hasTracepoint("kfree_skb", 4)
  ? "drop_with_receiver"
  : "drop_with_reason";

execFileSync(process.execPath, ["bpf/compile.ts", "test/bench/*.bpf.c"], { cwd: root });

function load(object: string, program: string): LoadedObject {
  return openObject(new URL(object, import.meta.url), { programs: [program] }).load();
}

/** Nanoseconds a run while the datagrams are dropped, of the program and of the empty one. */
async function measure(object: LoadedObject, name: string): Promise<[programNs: number, emptyNs: number]> {
  using empty = load("empty.bpf.o", "empty_drop");
  empty.attach("empty_drop");
  object.attach(name);
  using reader = object.ringReader("records", {}, () => {});
  using statistics = enableStatistics();
  const programs = [object.program(name), empty.program("empty_drop")] as const;
  const before = programs.map(readRun);
  // In bites, so that the reader keeps up and a run is not one that found the ring full.
  for (let sent = 0; sent < DROPS; sent += BITE) {
    await dropDatagrams("udp4", BITE);
    reader.drain();
  }
  const [programNs = 0, emptyNs = 0] = programs.map((program, index) => perRun(program, before[index]));
  void statistics;
  return [programNs, emptyNs];
}

interface RunTime {
  readonly count: bigint;
  readonly timeNs: bigint;
}

/** Records that found no room: a run that is cut short costs less. */
function countLost(object: LoadedObject): number {
  const perCpu = object.map("counters").lookup(0) as readonly { readonly ring_lost: bigint }[];
  return perCpu.reduce((total, { ring_lost }) => total + Number(ring_lost), 0);
}

function readRun(program: Program): RunTime {
  const { runCount, runTimeNs } = program.statistics();
  return { count: runCount, timeNs: runTimeNs };
}

function perRun(program: Program, before: RunTime = { count: 0n, timeNs: 0n }): number {
  const after = readRun(program);
  return Number(after.timeNs - before.timeNs) / Number(after.count - before.count);
}

const cases = [
  ["dropwatch, counted for a summary", { window: 1n }, ""],
  ["dropwatch, limit reached", { limit_interval_ns: 3_600_000_000_000n }, ""],
  ["dropwatch, refused by the filter tcp port 80", {}, "tcp port 80"],
  ["dropwatch, described with stack", {}, ""],
] as const;

for (const [what, values, filter] of cases) {
  using object = load("../../events/dropwatch/dropwatch.bpf.o", dropProgram);
  changeSettings(object, { ...values, ...new KernelFilter().write(object, filter) });
  const [programNs, emptyNs] = await measure(object, dropProgram);
  const ratio = (programNs / emptyNs).toFixed(1);
  process.stdout.write(
    `${what}: ${programNs.toFixed(0)} ns a drop, empty ${emptyNs.toFixed(0)} ns, ratio ${ratio}, ${countLost(object)} lost\n`,
  );
}
