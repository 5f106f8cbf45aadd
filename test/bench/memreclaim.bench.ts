/**
 * What memreclaim costs a wait at a memory cgroup's limit, beside an empty program on the same hooks in the same run.
 * Times are those of BPF run statistics, which add two clock reads to each run; on a shared machine only the ratio says
 * something.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { findCauseFunctions } from "#events/memreclaim/causes.ts";
import { enableStatistics, openObject, readTextRanges } from "bpf-loader-napi";
import type { LoadedObject, Program } from "bpf-loader-napi";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { provokeMemcgReclaim } from "#events/memreclaim/provoke.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 512 * 1024 * 1024;
const NEVER_NS = 1n << 62n;
const root = fileURLToPath(new URL("../..", import.meta.url));

execFileSync(process.execPath, ["bpf/compile.ts", "test/bench/*.bpf.c"], { cwd: root });

function load(object: string, programs: readonly string[]): LoadedObject {
  const loaded = openObject(new URL(object, import.meta.url), { programs }).load();
  for (const program of programs) loaded.attach(program);
  return loaded;
}

function perRun(program: Program): [ns: number, runs: number] {
  const { runCount, runTimeNs } = program.statistics();
  return [Number(runTimeNs) / Number(runCount), Number(runCount)];
}

for (const [what, thresholdNs] of [
  ["only counted", NEVER_NS],
  ["described with its stack", 0n],
] as const) {
  using object = load("../../events/memreclaim/memreclaim.bpf.o", ["memcg_begin", "memcg_end"]);
  using empty = load("empty.bpf.o", ["empty_reclaim_begin", "empty_reclaim_end"]);
  const causes = findCauseFunctions({ textRanges: readTextRanges });
  if (causes !== undefined) object.map("cause_functions").update(0, causes);
  const settings = object.map(".data.settings");
  settings.update(0, { ...(settings.lookup(0) as object), threshold_ns: thresholdNs });
  using reader = object.ringReader("records", {}, () => {});
  void reader;
  await using cgroup = makeMemoryCgroup(`/kerntel-bench-${randomBytes(4).toString("hex")}`, LIMIT_BYTES);
  using statistics = enableStatistics();
  await provokeMemcgReclaim(cgroup, READ_BYTES);
  void statistics;
  for (const end of ["begin", "end"]) {
    const [ns, runs] = perRun(object.program(`memcg_${end}`));
    const [emptyNs] = perRun(empty.program(`empty_reclaim_${end}`));
    process.stdout.write(
      `memreclaim, ${what}, ${end}: ${ns.toFixed(0)} ns a wait, empty ${emptyNs.toFixed(0)} ns, ` +
        `ratio ${(ns / emptyNs).toFixed(1)}, ${runs} waits\n`,
    );
  }
}
