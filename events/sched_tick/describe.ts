/** One gap between ticks in the words of OpenTelemetry and of people. */
import type { EventBpf, Subject, TracerRecord } from "#receiver/tracing/contract.ts";
import { taskAttributes, taskSubject } from "#receiver/tracing/task.ts";
import type { SchedTickRecord } from "./record.generated.ts";
import type { KerntelSchedTickAttributes } from "./telemetry.generated.ts";

const INFO = 9;
const WARN = 13;

export function describeGap(
  record: SchedTickRecord,
  symbols: Pick<EventBpf, "stack">,
): TracerRecord<KerntelSchedTickAttributes> {
  const stack = symbols.stack(record.stack);
  const cause = causeOf(record);
  return {
    time: record.time,
    subject: subjectOf(record, cause),
    severity: cause === "other" ? WARN : INFO,
    attributes: {
      "kerntel.duration": record.gap / 1e9,
      "kerntel.threshold": record.threshold / 1e9,
      ...(record.hasSteal === 0 ? {} : { "kerntel.sched_tick.steal": record.steal / 1e9 }),
      ...(record.pause === 0 ? {} : { "kerntel.machine.pause.duration": record.pause / 1e9 }),
      "kerntel.sched_tick.cause": cause,
      "kerntel.cgroup.id": String(record.cgroupId),
      "kerntel.cgroup.path": record.cgroup,
      "cpu.logical_number": record.cpu,
      ...taskAttributes(record),
      ...(stack === "" ? {} : { "code.stacktrace": stack }),
    },
    body: sentence(record),
  };
}

type Cause = KerntelSchedTickAttributes["kerntel.sched_tick.cause"];

/** As `cause_of` of the BPF program counts them, whose division drops the fraction. */
function causeOf({ gap, pause, steal, hasSteal }: SchedTickRecord): Cause {
  const half = Math.floor(gap / 2);
  if (pause >= half) return "pause";
  return hasSteal !== 0 && steal >= half ? "steal" : "other";
}

/** What the hypervisor did is no task's doing. */
function subjectOf(record: SchedTickRecord, cause: Cause): Subject {
  return cause === "other" ? taskSubject(record) : { kind: "host" };
}

function sentence({ gap, pause, steal, hasSteal, cpu, comm, pid }: SchedTickRecord): string {
  const paused = pause === 0 ? "" : `, the machine stood still for ${milliseconds(pause)} of them`;
  const stolen = hasSteal === 0 || steal === 0 ? "" : `, ${milliseconds(steal)} of them stolen`;
  return `No timer tick for ${milliseconds(gap)} on CPU ${cpu}${paused}${stolen}, in ${comm} (${pid})`;
}

function milliseconds(durationNs: number): string {
  return `${(durationNs / 1e6).toFixed(1)} ms`;
}
