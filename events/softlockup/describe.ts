/** One report of a soft lockup in the words of OpenTelemetry and of people. */
import type { EventBpf, TracerRecord } from "#receiver/tracing/contract.ts";
import type { SoftlockupRecord } from "./record.generated.ts";
import type { KerntelSoftlockupAttributes } from "./telemetry.generated.ts";
import { parseVerdict } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** As the kernel half numbers them. */
export const kinds = ["warning", "verdict", "recovery"] as const;
const severities = { warning: 13, verdict: 17, recovery: 9 } as const;

type Symbols = Pick<EventBpf, "stack">;

export function describeLockup(
  record: SoftlockupRecord,
  symbols: Symbols,
): TracerRecord<KerntelSoftlockupAttributes> {
  const kind = kinds[record.kind] ?? "verdict";
  const verdict = parseVerdict(record.message);
  // Before 5.16 the line may be said by another CPU than the one that is stuck.
  const elsewhere = verdict?.cpu === record.cpu ? undefined : verdict;
  // Our own measure is of the CPU that the record comes from.
  const isMeasured = elsewhere === undefined && record.isMeasured !== 0;
  const isPause = isMeasured && record.pause > record.elapsed;
  const attributes: KerntelSoftlockupAttributes = {
    "error.type": "soft_lockup",
    "kerntel.softlockup.kind": kind,
    "kerntel.softlockup.elapsed": isMeasured ? record.elapsed : (verdict?.elapsed ?? 0),
    ...(isMeasured && record.pause > 0 ? { "kerntel.machine.pause.duration": record.pause / 1e9 } : {}),
    ...(kind === "warning" ? { "kerntel.softlockup.threshold": record.threshold } : {}),
    "kerntel.softlockup.verdicts": record.verdicts,
    ...(record.message === "" ? {} : { "kerntel.softlockup.message": record.message }),
    ...(elsewhere === undefined ? describeTask(record, symbols) : nameTask(elsewhere)),
  };
  const { time, cgroupId, cgroup } = record;
  return {
    time,
    // A machine that stood still is no task's doing.
    subject:
      elsewhere === undefined && !isPause ? { kind: "cgroup", id: cgroupId, path: cgroup } : { kind: "host" },
    severity: isPause && kind === "verdict" ? severities.warning : severities[kind],
    attributes,
    body: sentence(kind, attributes),
  };
}

type TaskAttributes = Pick<
  KerntelSoftlockupAttributes,
  "cpu.logical_number" | "process.pid" | "thread.id" | "thread.name"
> &
  Partial<KerntelSoftlockupAttributes>;

function describeTask(record: SoftlockupRecord, symbols: Symbols): TaskAttributes {
  const stack = symbols.stack(record.stack);
  return {
    "kerntel.softlockup.cgroup.id": String(record.cgroupId),
    "kerntel.softlockup.cgroup.path": record.cgroup,
    "cpu.logical_number": record.cpu,
    "process.pid": record.pid,
    "thread.id": record.tid,
    "thread.name": record.comm,
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
  };
}

function nameTask({ cpu, tid, comm }: Verdict): TaskAttributes {
  return { "cpu.logical_number": cpu, "thread.id": tid, "thread.name": comm };
}

type Kind = (typeof kinds)[number];

function sentence(kind: Kind, attributes: KerntelSoftlockupAttributes): string {
  const seconds = (attributes["kerntel.softlockup.elapsed"] / 1e9).toFixed(1);
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
