/** A counted number of drops of one kind, in the words of OpenTelemetry and of people. */
import type { EventBpf, TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { socketSubject } from "#receiver/tracing/subject.ts";
import type { DropwatchSummary } from "./record.generated.ts";
import { describeInterface } from "./describe.ts";
import type { KerntelDropwatchAttributes } from "./telemetry.generated.ts";

type Words = Pick<TracingContext, "wallTime"> & { readonly bpf: Pick<EventBpf, "symbol"> };

/** `cgroupPath` is that of a described drop of the same cgroup; `""` where there was none. */
export function describeSummary(
  summary: DropwatchSummary,
  reason: string,
  cgroupPath: string,
  words: Words,
): TracerRecord<KerntelDropwatchAttributes> {
  const location = words.bpf.symbol(summary.location);
  return {
    time: summary.last,
    subject: socketSubject(summary, cgroupPath),
    attributes: {
      "error.type": reason.toLowerCase(),
      "kerntel.dropwatch.reason": reason,
      ...describeWindow(summary, words),
      "code.function.name": location.replace(/[+ ].*/, ""),
      ...describeInterface(summary),
      "kerntel.network.namespace.inode": summary.netnsInode,
      "kerntel.network.namespace.cookie": String(summary.netnsCookie),
      ...(summary.cgroupId === 0n ? {} : { "kerntel.socket.cgroup.id": String(summary.cgroupId) }),
      ...(cgroupPath === "" ? {} : { "kerntel.socket.cgroup.path": cgroupPath }),
    },
    body: `${countSentence(summary, `dropped (${reason})`)} at ${location}`,
  };
}

/** How many in a window, from when to when, and how long. */
export function describeWindow(
  summary: DropwatchSummary,
  words: Pick<Words, "wallTime">,
): Partial<KerntelDropwatchAttributes> {
  return {
    "kerntel.count": summary.count,
    "kerntel.duration": durationOf(summary),
    "kerntel.dropwatch.first_time": words.wallTime(summary.first),
    "kerntel.dropwatch.last_time": words.wallTime(summary.last),
  };
}

/** In seconds. The last drop has the time of a timer tick, which may be before that of the only one. */
function durationOf({ first, last }: DropwatchSummary): number {
  return Math.max(0, last - first) / 1e9;
}

/** `what`: as "dropped (NO_SOCKET)". */
export function countSentence(summary: DropwatchSummary, what: string): string {
  const name = describeInterface(summary)["network.interface.name"];
  const seconds = durationOf(summary).toFixed(1);
  return `${summary.count} packets ${what} in ${seconds} s${name === undefined ? "" : ` on ${name}`}`;
}
