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
  const attributes: KerntelSoftlockupAttributes = {
    "error.type": "soft_lockup",
    "kerntel.softlockup.kind": kind,
    "kerntel.softlockup.elapsed": elapsedOf(record, verdict, elsewhere !== undefined),
    ...(kind === "warning" ? { "kerntel.softlockup.threshold": record.threshold } : {}),
    "kerntel.softlockup.verdicts": record.verdicts,
    ...(record.message === "" ? {} : { "kerntel.softlockup.message": record.message }),
    ...(elsewhere === undefined ? describeTask(record, symbols) : nameTask(elsewhere)),
  };
  const { time, cgroupId, cgroup } = record;
  return {
    time,
    subject: elsewhere === undefined ? { kind: "cgroup", id: cgroupId, path: cgroup } : { kind: "host" },
    severity: severities[kind],
    attributes,
    body: sentence(kind, attributes),
  };
}

/** Our own measure where it is one of the CPU that is stuck. */
function elapsedOf(
  { elapsed }: SoftlockupRecord,
  verdict: Verdict | undefined,
  isElsewhere: boolean,
): number {
  return verdict !== undefined && (isElsewhere || elapsed === 0) ? verdict.elapsed : elapsed;
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
  const verdicts = attributes["kerntel.softlockup.verdicts"];
  const said = verdicts === 0 ? "" : `, verdicts of the kernel: ${verdicts}`;
  const sentences = {
    warning: `${cpu} stuck for ${where}, early warning`,
    verdict: `Soft lockup: ${cpu} stuck for ${where}`,
    recovery: `${cpu} no longer stuck, after ${where}${said}`,
  };
  return sentences[kind];
}
