/** One wait for memory in the words of OpenTelemetry and of people. */
import type { Subject, TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { memoryLimitConstants, memoryLimitSource } from "#receiver/tracing/memory-limit.ts";
import { hexGfp, nameGfp } from "./gfp.ts";
import type { MemreclaimRecord } from "./record.generated.ts";
import type { KerntelMemreclaimAttributes } from "./telemetry.generated.ts";

/** enum kind of the kernel half. */
export const kinds = [
  "direct",
  "memcg",
  "compaction",
  "memory_high",
  "memory_max_write",
  "memory_high_write",
  "memory_reclaim",
] as const;
export type Kind = (typeof kinds)[number];

export function nameKind(kind: number): Kind {
  return kinds[kind] ?? "direct";
}

/** What a task writes that frees the memory of a cgroup; the cgroup's own tasks wait for nothing. */
const written: ReadonlyMap<Kind, string> = new Map([
  ["memory_max_write", "memory.max"],
  ["memory_high_write", "memory.high"],
  ["memory_reclaim", "memory.reclaim"],
]);

const PREFIX = /^COMPACT_/;
const MEBIBYTE = 1_048_576;

type Words = Pick<TracingContext, "bpf" | "pageSizeBytes" | "creationTime">;

/** `results`: names of enum compact_result, as the running kernel has them. */
export function describeStall(
  record: MemreclaimRecord,
  words: Words,
  results: ReadonlyMap<number, string>,
): TracerRecord<KerntelMemreclaimAttributes> {
  const stack = words.bpf.stack(record.stack);
  const kind = nameKind(record.kind);
  const isWritten = written.has(kind);
  const attributes: KerntelMemreclaimAttributes = {
    ...(isWritten ? writerOf(record, words) : taskOf(record, words)),
    "cpu.logical_number": record.cpu,
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
    "kerntel.memreclaim.kind": kind,
    "kerntel.duration": record.duration / 1e9,
    ...requestOf(record, kind, results),
    ...limitOf(record, words.pageSizeBytes),
  };
  return {
    time: record.time,
    subject: isWritten ? reclaimed(record) : { kind: "cgroup", id: record.cgroupId, path: record.cgroup },
    attributes,
    body: sentence(attributes, kind),
  };
}

/** The cgroup whose memory it was. Who wrote is not what the record is about. */
function reclaimed({ limitSource, limitCgroupId, limitCgroup }: MemreclaimRecord): Subject {
  if (memoryLimitSource(limitSource) === undefined) return { kind: "host" };
  return { kind: "cgroup", id: limitCgroupId, path: limitCgroup };
}

function taskOf(record: MemreclaimRecord, words: Words): Partial<KerntelMemreclaimAttributes> {
  return {
    "process.pid": record.pid,
    "process.creation.time": words.creationTime(record.startTime),
    "thread.id": record.tid,
    "thread.name": record.comm,
    "kerntel.cgroup.id": String(record.cgroupId),
    "kerntel.cgroup.path": record.cgroup,
  };
}

function writerOf(record: MemreclaimRecord, words: Words): Partial<KerntelMemreclaimAttributes> {
  return {
    "kerntel.writer.process.pid": record.pid,
    "kerntel.writer.process.creation.time": words.creationTime(record.startTime),
    "kerntel.writer.thread.id": record.tid,
    "kerntel.writer.thread.name": record.comm,
    "kerntel.writer.cgroup.id": String(record.cgroupId),
    "kerntel.writer.cgroup.path": record.cgroup,
  };
}

/** What pages were wanted, and what came of it. At the brake none are: the task has them already. */
function requestOf(
  record: MemreclaimRecord,
  kind: Kind,
  results: ReadonlyMap<number, string>,
): Partial<KerntelMemreclaimAttributes> {
  if (kind === "memory_high") return {};
  const result = results.get(record.result)?.replace(PREFIX, "").toLowerCase() ?? String(record.result);
  return {
    "kerntel.memreclaim.order": record.order,
    "kerntel.memreclaim.gfp.flags": nameGfp(record.gfp),
    "kerntel.memreclaim.gfp.mask": hexGfp(record.gfp),
    ...(kind === "compaction"
      ? { "kerntel.memreclaim.compaction.result": result }
      : { "kerntel.memreclaim.reclaimed": record.reclaimed }),
  };
}

/** A cgroup that is reclaimed because its file was written need not have a limit. */
function limitOf(record: MemreclaimRecord, pageSizeBytes: number): Partial<KerntelMemreclaimAttributes> {
  const source = memoryLimitSource(record.limitSource);
  if (source === undefined) return {};
  const isLimited = record.limitPages < memoryLimitConstants(pageSizeBytes).no_limit_pages;
  return {
    "kerntel.memory_cgroup.id": String(record.limitCgroupId),
    "kerntel.memory_cgroup.path": record.limitCgroup,
    ...(isLimited ? { "kerntel.memory_cgroup.limit": record.limitPages * pageSizeBytes } : {}),
    "kerntel.memory_cgroup.usage": record.usagePages * pageSizeBytes,
    "kerntel.memory_cgroup.source": source,
  };
}

function sentence(attributes: KerntelMemreclaimAttributes, kind: Kind): string {
  const milliseconds = (attributes["kerntel.duration"] * 1e3).toFixed(1);
  const freed = `freed ${attributes["kerntel.memreclaim.reclaimed"]} pages`;
  const file = written.get(kind);
  if (file !== undefined) {
    const writer = `${attributes["kerntel.writer.thread.name"]} (${attributes["kerntel.writer.thread.id"]})`;
    return `A write to ${file} by ${writer} reclaimed memory for ${milliseconds} ms, ${freed}`;
  }
  const task = `${attributes["thread.name"]} (${attributes["thread.id"]}) waited ${milliseconds} ms`;
  if (kind === "memory_high") return `${task} at the brake of memory.high${usageWords(attributes)}`;
  const pages = `for memory of order ${attributes["kerntel.memreclaim.order"]}`;
  const result = attributes["kerntel.memreclaim.compaction.result"];
  if (result !== undefined) return `${task} ${pages}: compaction ${result}`;
  return `${task} ${pages}${kind === "memcg" ? " at a cgroup's limit" : ""}, ${freed}`;
}

function usageWords(attributes: KerntelMemreclaimAttributes): string {
  const limit = attributes["kerntel.memory_cgroup.limit"];
  const usage = attributes["kerntel.memory_cgroup.usage"];
  if (limit === undefined || usage === undefined) return "";
  return `, cgroup at ${mebibytes(usage)} of ${mebibytes(limit)}`;
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / MEBIBYTE).toFixed(1)} MiB`;
}
