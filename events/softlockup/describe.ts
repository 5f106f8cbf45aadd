/** One report of a soft lockup in the words of OpenTelemetry and of people. */
import type { EventBpf, TracerRecord } from "#receiver/tracing/contract.ts";
import { taskAttributes, taskSubject } from "#receiver/tracing/task.ts";
import type { SoftlockupRecord } from "./record.generated.ts";
import type { KerntelSoftlockupAttributes } from "./telemetry.generated.ts";
import { parseVerdict } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** As the kernel half numbers them. */
export const kinds = ["warning", "verdict", "recovery"] as const;
const severities = { warning: 13, verdict: 17, recovery: 9 } as const;
/** A machine that stood still is no task's doing, whatever the kernel makes of it. */
const pausedSeverities = { ...severities, verdict: 13 } as const;

type Symbols = Pick<EventBpf, "stack">;

export function describeLockup(
  record: SoftlockupRecord,
  symbols: Symbols,
): TracerRecord<KerntelSoftlockupAttributes> {
  const kind = kinds[record.kind] ?? "verdict";
  const verdict = parseVerdict(record.message);
  // Before 5.16 the line may be said by another CPU than the one that is stuck.
  const elsewhere = verdict?.cpu === record.cpu ? undefined : verdict;
  const measure = measureOf(record, verdict, elsewhere !== undefined);
  const attributes: KerntelSoftlockupAttributes = {
    "error.type": "soft_lockup",
    "kerntel.softlockup.kind": kind,
    ...measure,
    ...(kind === "warning" ? { "kerntel.threshold": record.threshold / 1e9 } : {}),
    "kerntel.softlockup.verdicts": record.verdicts,
    ...(record.message === "" ? {} : { "kerntel.softlockup.message": record.message }),
    ...(elsewhere === undefined ? describeTask(record, symbols) : nameTask(elsewhere)),
  };
  const isPause = isMostlyPause(measure);
  return {
    time: record.time,
    subject: elsewhere === undefined && !isPause ? taskSubject(record) : { kind: "host" },
    severity: isPause ? pausedSeverities[kind] : severities[kind],
    attributes,
    body: sentence(kind, attributes),
  };
}

type Measure = Pick<KerntelSoftlockupAttributes, "kerntel.duration"> &
  Pick<Partial<KerntelSoftlockupAttributes>, "kerntel.machine.pause.duration">;

/** Our own measure is of the CPU that the record comes from; where it is missing the kernel's words count. */
function measureOf(
  { elapsed, pause, isMeasured }: SoftlockupRecord,
  verdict: Verdict | undefined,
  isElsewhere: boolean,
): Measure {
  if (isElsewhere || isMeasured === 0) return { "kerntel.duration": (verdict?.elapsed ?? 0) / 1e9 };
  if (pause === 0) return { "kerntel.duration": elapsed / 1e9 };
  return { "kerntel.duration": elapsed / 1e9, "kerntel.machine.pause.duration": pause / 1e9 };
}

function isMostlyPause(measure: Measure): boolean {
  return (measure["kerntel.machine.pause.duration"] ?? 0) > measure["kerntel.duration"];
}

type TaskAttributes = Pick<
  KerntelSoftlockupAttributes,
  "cpu.logical_number" | "process.pid" | "thread.id" | "thread.name"
> &
  Partial<KerntelSoftlockupAttributes>;

function describeTask(record: SoftlockupRecord, symbols: Symbols): TaskAttributes {
  const stack = symbols.stack(record.stack);
  return {
    "kerntel.cgroup.id": String(record.cgroupId),
    "kerntel.cgroup.path": record.cgroup,
    "cpu.logical_number": record.cpu,
    ...taskAttributes(record),
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
  };
}

function nameTask({ cpu, tid, comm }: Verdict): TaskAttributes {
  return { "cpu.logical_number": cpu, "thread.id": tid, "thread.name": comm };
}

type Kind = (typeof kinds)[number];

function sentence(kind: Kind, attributes: KerntelSoftlockupAttributes): string {
  const seconds = attributes["kerntel.duration"].toFixed(1);
  const where = `${seconds} s in ${attributes["thread.name"]} (${attributes["thread.id"]})`;
  const cpu = `CPU ${attributes["cpu.logical_number"]}`;
  const pause = attributes["kerntel.machine.pause.duration"];
  const paused = pause === undefined ? "" : `, while the machine stood still for ${pause.toFixed(1)} s`;
  const verdicts = attributes["kerntel.softlockup.verdicts"];
  const said = verdicts === 0 ? "" : `, verdicts of the kernel: ${verdicts}`;
  const sentences = {
    warning: `${cpu} stuck for ${where}${paused}, early warning`,
    verdict: `Soft lockup: ${cpu} stuck for ${where}${paused}`,
    recovery: `${cpu} no longer stuck, after ${where}${paused}${said}`,
  };
  return sentences[kind];
}
