/** One hung task in the words of OpenTelemetry and of people. */
import type { TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import type { HungtaskRecord } from "./record.generated.ts";
import type { KerntelHungtaskAttributes } from "./telemetry.generated.ts";
import { findWaitChannel } from "./wait-channel.ts";

/** enum detector of the kernel half. */
export const detectors = ["scan", "kernel"] as const;

/** enum lock of the kernel half; the first is an unknown one. */
const locks = [undefined, "mutex", "semaphore", "rwsem_read", "rwsem_write"] as const;

const lockWords = {
  mutex: "a mutex",
  semaphore: "a semaphore last taken",
  rwsem_read: "a read-write semaphore",
  rwsem_write: "a read-write semaphore",
} as const;

type Words = Pick<TracingContext, "bpf" | "creationTime">;

export function describeHungTask(
  record: HungtaskRecord,
  words: Words,
): TracerRecord<KerntelHungtaskAttributes> {
  const stack = words.bpf.stack(record.stack);
  const channel = findWaitChannel(stack);
  const attributes: KerntelHungtaskAttributes = {
    "error.type": "hung_task",
    "process.pid": record.pid,
    "process.creation.time": words.creationTime(record.startTime),
    "thread.id": record.tid,
    "thread.name": record.comm,
    "cpu.logical_number": record.cpu,
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
    "kerntel.hungtask.detector": detectors[record.detector] ?? "scan",
    "kerntel.duration": record.blocked / 1e9,
    "kerntel.count": record.count,
    ...(channel === undefined ? {} : { "kerntel.hungtask.wait_channel": channel }),
    "kerntel.cgroup.id": String(record.cgroupId),
    "kerntel.cgroup.path": record.cgroup,
    ...lockOf(record),
  };
  return {
    time: record.time,
    subject: { kind: "cgroup", id: record.cgroupId, path: record.cgroup },
    attributes,
    body: sentence(attributes, record),
  };
}

function lockOf(record: HungtaskRecord): Partial<KerntelHungtaskAttributes> {
  const lock = locks[record.lock];
  if (lock === undefined) return {};
  if (record.holderPid === 0) return { "kerntel.hungtask.lock": lock };
  return {
    "kerntel.hungtask.lock": lock,
    "kerntel.holder.process.pid": record.holderPid,
    "kerntel.holder.thread.id": record.holderTid,
    "kerntel.holder.thread.name": record.holderComm,
    "kerntel.holder.cgroup.id": String(record.holderCgroupId),
    "kerntel.holder.cgroup.path": record.holderCgroup,
  };
}

function sentence(attributes: KerntelHungtaskAttributes, { isRepeat, count, tid }: HungtaskRecord): string {
  const seconds = attributes["kerntel.duration"].toFixed(1);
  const channel = attributes["kerntel.hungtask.wait_channel"];
  const where = channel === undefined ? "" : ` in ${channel}`;
  const task = `${attributes["thread.name"]} (${tid})`;
  if (isRepeat !== 0)
    return `${count} more blocked${where} like one before, the last ${task} for ${seconds} s`;
  return `Task ${task} blocked for ${seconds} s${where}${holderWords(attributes)}`;
}

function holderWords(attributes: KerntelHungtaskAttributes): string {
  const lock = attributes["kerntel.hungtask.lock"];
  if (lock === undefined) return "";
  const comm = attributes["kerntel.holder.thread.name"];
  const by = comm === undefined ? "" : ` by ${comm} (${attributes["kerntel.holder.thread.id"]})`;
  return `, waits for ${lockWords[lock]}${by === "" || lock === "semaphore" ? by : ` held${by}`}`;
}
