/** A counted number of drops of one kind, in the words of OpenTelemetry and of people. */
import type { EventBpf, TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import type { DropwatchSummary } from "./record.generated.ts";
import { describeInterface } from "./describe.ts";
import { subjectOf } from "./subject.ts";
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
  const device = describeInterface(summary);
  const name = device["network.interface.name"];
  const seconds = ((summary.last - summary.first) / 1e9).toFixed(1);
  return {
    time: summary.last,
    subject: subjectOf(summary, cgroupPath),
    attributes: {
      "error.type": reason.toLowerCase(),
      "kerntel.dropwatch.reason": reason,
      "kerntel.dropwatch.count": summary.count,
      "kerntel.dropwatch.first_time": words.wallTime(summary.first),
      "kerntel.dropwatch.last_time": words.wallTime(summary.last),
      "code.function.name": location.replace(/[+ ].*/, ""),
      ...device,
      "kerntel.dropwatch.netns.inode": summary.netnsInode,
      "kerntel.dropwatch.netns.cookie": String(summary.netnsCookie),
      ...(summary.cgroupId === 0n ? {} : { "kerntel.dropwatch.socket.cgroup.id": String(summary.cgroupId) }),
      ...(cgroupPath === "" ? {} : { "kerntel.dropwatch.socket.cgroup.path": cgroupPath }),
    },
    body: `${summary.count} packets dropped (${reason}) in ${seconds} s${name === undefined ? "" : ` on ${name}`} at ${location}`,
  };
}
