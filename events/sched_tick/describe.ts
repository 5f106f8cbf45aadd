/** One gap between ticks in the words of OpenTelemetry and of people. */
import type { EventBpf, Subject, TracerRecord } from "#receiver/tracing/contract.ts";
import type { SchedTickRecord } from "./record.generated.ts";
import type { KerntelSchedTickAttributes } from "./telemetry.generated.ts";

const INFO = 9;
const WARN = 13;

export function describeGap(
  record: SchedTickRecord,
  symbols: Pick<EventBpf, "stack">,
): TracerRecord<KerntelSchedTickAttributes> {
  const stack = symbols.stack(record.stack);
  const isStolen = record.hasSteal !== 0 && record.steal >= record.gap / 2;
  return {
    time: record.time,
    subject: subjectOf(record, isStolen),
    severity: isStolen ? INFO : WARN,
    attributes: {
      "kerntel.sched_tick.gap": record.gap,
      "kerntel.sched_tick.threshold": record.threshold,
      ...(record.hasSteal === 0 ? {} : { "kerntel.sched_tick.steal": record.steal }),
      "kerntel.sched_tick.cause": isStolen ? "steal" : "other",
      "kerntel.sched_tick.cgroup.id": String(record.cgroupId),
      "kerntel.sched_tick.cgroup.path": record.cgroup,
      "cpu.logical_number": record.cpu,
      "process.pid": record.pid,
      "thread.id": record.tid,
      "thread.name": record.comm,
      ...(stack === "" ? {} : { "code.stacktrace": stack }),
    },
    body: sentence(record),
  };
}

/** What the hypervisor did is no task's doing. */
function subjectOf({ cgroupId, cgroup }: SchedTickRecord, isStolen: boolean): Subject {
  return isStolen ? { kind: "host" } : { kind: "cgroup", id: cgroupId, path: cgroup };
}

function sentence({ gap, steal, hasSteal, cpu, comm, pid }: SchedTickRecord): string {
  const stolen = hasSteal === 0 || steal === 0 ? "" : `, ${milliseconds(steal)} of them stolen`;
  return `No timer tick for ${milliseconds(gap)} on CPU ${cpu}${stolen}, in ${comm} (${pid})`;
}

function milliseconds(durationNs: number): string {
  return `${(durationNs / 1e6).toFixed(1)} ms`;
}
