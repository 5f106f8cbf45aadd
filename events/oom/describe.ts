/** One OOM record in the words of OpenTelemetry and of people. */
import type { TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { memoryLimitSource } from "#receiver/tracing/memory-limit.ts";
import type { OomRecord } from "./record.generated.ts";
import type { KerntelOomAttributes } from "./telemetry.generated.ts";

const MEBIBYTE = 1_048_576;
const NS_PER_SECOND = 1_000_000_000;

/** enum oom_constraint, include/linux/oom.h */
const constraints = ["none", "cpuset", "memory_policy", "memcg"] as const;

type Words = Pick<TracingContext, "pageSizeBytes" | "creationTime">;

/** `stack`: that of the record, in words. */
export function describeOom(
  record: OomRecord,
  stack: string,
  words: Words,
): TracerRecord<KerntelOomAttributes> {
  const bytes = (pages: number): number => pages * words.pageSizeBytes;
  const attributes: KerntelOomAttributes = {
    "error.type": "oom_kill",
    "process.pid": record.victimPid,
    "process.creation.time": words.creationTime(record.victimStartTime),
    "thread.name": record.victimComm,
    "cpu.logical_number": record.cpu,
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
    ...actionOf(stack),
    ...constraintOf(record.constraint, stack),
    ...limitOf(record, stack, words.pageSizeBytes),
    ...shortageOf(record),
    "kerntel.victim.cgroup.id": String(record.victimCgroupId),
    "kerntel.victim.cgroup.path": record.victimCgroup,
    "process.real_user.id": record.victimUid,
    "kerntel.oom.victim.oom_score_adj": record.victimOomScoreAdj,
    "kerntel.oom.victim.memory.anonymous": bytes(record.anonymousPages),
    "kerntel.oom.victim.memory.file": bytes(record.filePages),
    "kerntel.oom.victim.memory.shmem": bytes(record.sharedPages),
    "kerntel.oom.victim.memory.swap": bytes(record.swapPages),
    "kerntel.oom.victim.memory.page_tables": record.pageTableBytes,
    "kerntel.oom.victim.memory.virtual": bytes(record.virtualPages),
    "kerntel.trigger.process.pid": record.triggerPid,
    "kerntel.trigger.thread.id": record.triggerTid,
    "kerntel.trigger.thread.name": record.triggerComm,
    "kerntel.trigger.cgroup.id": String(record.triggerCgroupId),
    "kerntel.trigger.cgroup.path": record.triggerCgroup,
  };
  return {
    time: record.isEnd === 0 ? record.time : record.lastTime,
    subject: { kind: "cgroup", id: record.victimCgroupId, path: record.victimCgroup },
    attributes,
    body: sentence(attributes),
  };
}

type ShortageAttributes = Pick<
  KerntelOomAttributes,
  "kerntel.count" | "kerntel.duration" | "kerntel.oom.shortage.id" | "kerntel.oom.shortage.state"
>;

function shortageOf({ shortage, lastTime, count, isEnd }: OomRecord): ShortageAttributes {
  const common = { "kerntel.oom.shortage.id": String(shortage), "kerntel.count": count };
  if (isEnd === 0) return { ...common, "kerntel.oom.shortage.state": "begun" };
  const duration = (lastTime - Number(shortage)) / NS_PER_SECOND;
  return { ...common, "kerntel.oom.shortage.state": "ended", "kerntel.duration": duration };
}

function actionOf(stack: string): Partial<KerntelOomAttributes> {
  if (stack.includes("__oom_kill_process")) return { "kerntel.oom.action": "kill" };
  return stack.includes("out_of_memory") ? { "kerntel.oom.action": "reserves" } : {};
}

function constraintOf(constraint: number, stack: string): Partial<KerntelOomAttributes> {
  const known = constraints[constraint];
  if (known !== undefined) return { "kerntel.oom.constraint": known };
  return stack.includes("mem_cgroup_out_of_memory") ? { "kerntel.oom.constraint": "memcg" } : {};
}

/** A limit that the kernel did not name was met only if the shortage is, or may be, one of a cgroup. */
function limitOf(record: OomRecord, stack: string, pageSizeBytes: number): Partial<KerntelOomAttributes> {
  const source = memoryLimitSource(record.limitSource);
  if (source === undefined) return {};
  if (source !== "kernel" && stack.includes("out_of_memory") && !stack.includes("mem_cgroup_out_of_memory"))
    return {};
  return {
    "kerntel.memory_cgroup.id": String(record.limitCgroupId),
    "kerntel.memory_cgroup.path": record.limitCgroup,
    "kerntel.memory_cgroup.limit": record.limitPages * pageSizeBytes,
    "kerntel.memory_cgroup.usage": record.usagePages * pageSizeBytes,
    "kerntel.memory_cgroup.source": source,
  };
}

function megabytes(sizeBytes: number): string {
  return `${(sizeBytes / MEBIBYTE).toFixed(1)} MiB`;
}

function sentence(attributes: KerntelOomAttributes): string {
  const resident =
    attributes["kerntel.oom.victim.memory.anonymous"] +
    attributes["kerntel.oom.victim.memory.file"] +
    attributes["kerntel.oom.victim.memory.shmem"];
  const asked =
    attributes["kerntel.trigger.process.pid"] === attributes["process.pid"]
      ? ""
      : `, asked for by ${attributes["kerntel.trigger.thread.name"]} (${attributes["kerntel.trigger.process.pid"]})`;
  const did = attributes["kerntel.oom.action"] === "reserves" ? "let die" : "killed";
  const victim = `${attributes["thread.name"]} (${attributes["process.pid"]}) holding ${megabytes(resident)}`;
  return `${beginning(attributes, did)} ${victim}${limitWords(attributes)}${asked}`;
}

/** Ends before the victim that held most. */
function beginning(attributes: KerntelOomAttributes, did: string): string {
  const count = attributes["kerntel.count"];
  const duration = attributes["kerntel.duration"];
  if (duration !== undefined)
    return `Out of memory: killed ${count} more within ${duration.toFixed(1)} s, the largest of all`;
  return count === 1 ? `Out of memory: ${did}` : `Out of memory: ${did} ${count} processes, the largest`;
}

/** The victim's own cgroup needs no name: the record is about it. */
function limitWords(attributes: KerntelOomAttributes): string {
  const limit = attributes["kerntel.memory_cgroup.limit"];
  if (limit === undefined) return "";
  const path = attributes["kerntel.memory_cgroup.path"];
  const name = path === attributes["kerntel.victim.cgroup.path"] ? "" : ` ${path}`;
  return `, cgroup${name} at ${megabytes(attributes["kerntel.memory_cgroup.usage"] ?? 0)} of ${megabytes(limit)}`;
}
