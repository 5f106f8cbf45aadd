/** One wait for memory in the words of OpenTelemetry and of people. */
import type { TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { hexGfp, nameGfp } from "./gfp.ts";
import type { MemreclaimRecord } from "./record.generated.ts";
import type { KerntelMemreclaimAttributes } from "./telemetry.generated.ts";

/** enum kind of the kernel half. */
export const kinds = ["direct", "memcg", "compaction"] as const;

const PREFIX = /^COMPACT_/;

type Words = Pick<TracingContext, "bpf" | "pageSizeBytes" | "creationTime">;

/** `results`: names of enum compact_result, as the running kernel has them. */
export function describeStall(
  record: MemreclaimRecord,
  words: Words,
  results: ReadonlyMap<number, string>,
): TracerRecord<KerntelMemreclaimAttributes> {
  const stack = words.bpf.stack(record.stack);
  const kind = kinds[record.kind] ?? "direct";
  const result = results.get(record.result)?.replace(PREFIX, "").toLowerCase() ?? String(record.result);
  const attributes: KerntelMemreclaimAttributes = {
    "process.pid": record.pid,
    "process.creation.time": words.creationTime(record.startTime),
    "thread.id": record.tid,
    "thread.name": record.comm,
    "cpu.logical_number": record.cpu,
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
    "kerntel.memreclaim.kind": kind,
    "kerntel.memreclaim.duration": record.duration,
    "kerntel.memreclaim.order": record.order,
    "kerntel.memreclaim.gfp.flags": nameGfp(record.gfp),
    "kerntel.memreclaim.gfp.mask": hexGfp(record.gfp),
    ...(kind === "compaction"
      ? { "kerntel.memreclaim.compaction.result": result }
      : { "kerntel.memreclaim.reclaimed": record.reclaimed }),
    "kerntel.memreclaim.cgroup.id": String(record.cgroupId),
    "kerntel.memreclaim.cgroup.path": record.cgroup,
    ...limitOf(record, words.pageSizeBytes),
  };
  return {
    time: record.time,
    subject: { kind: "cgroup", id: record.cgroupId, path: record.cgroup },
    attributes,
    body: sentence(attributes),
  };
}

function limitOf(record: MemreclaimRecord, pageSizeBytes: number): Partial<KerntelMemreclaimAttributes> {
  if (record.limitCgroupId === 0n) return {};
  return {
    "kerntel.memreclaim.memcg.id": String(record.limitCgroupId),
    "kerntel.memreclaim.memcg.path": record.limitCgroup,
    "kerntel.memreclaim.memcg.limit": record.limitPages * pageSizeBytes,
    "kerntel.memreclaim.memcg.usage": record.usagePages * pageSizeBytes,
  };
}

function sentence(attributes: KerntelMemreclaimAttributes): string {
  const milliseconds = (attributes["kerntel.memreclaim.duration"] / 1e6).toFixed(1);
  const task = `${attributes["thread.name"]} (${attributes["thread.id"]}) waited ${milliseconds} ms`;
  const pages = `for memory of order ${attributes["kerntel.memreclaim.order"]}`;
  const result = attributes["kerntel.memreclaim.compaction.result"];
  if (result !== undefined) return `${task} ${pages}: compaction ${result}`;
  const limit = attributes["kerntel.memreclaim.kind"] === "memcg" ? " at a cgroup's limit" : "";
  return `${task} ${pages}${limit}, freed ${attributes["kerntel.memreclaim.reclaimed"]} pages`;
}
