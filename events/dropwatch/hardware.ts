/** Drops by hardware, which its driver shows to the kernel by devlink traps: in the words of OpenTelemetry and of people. */
import type {
  ConfigProperty,
  LoadedEvent,
  MetricDefinition,
  TracerRecord,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import type { MetricPoint } from "#receiver/tracing/metric.ts";
import { socketSubject } from "#receiver/tracing/subject.ts";
import type { SocketPlace } from "#receiver/tracing/subject.ts";
import { describeFlow, describeInterface, sentence } from "./describe.ts";
import type { DropwatchRecord, DropwatchSummary } from "./record.generated.ts";
import { countSentence, describeWindow } from "./summary.ts";
import type { KerntelDropwatchAttributes, kerntelDropwatchHardwarePackets } from "./telemetry.generated.ts";

/** Where a drop of the kernel has its reason; the location is then the address of the trap's name. */
const HARDWARE_REASON = 0xffff_ffff;

/** Among the rules of noise, the last: packets for the kernel itself. */
export const CONTROL_RULE = 15;

/** By DEVLINK_TRAP_TYPE_…; packets for the kernel itself (`control`) are no drops. */
const types = ["drop", "exception"] as const;

type TrapLabels =
  typeof kerntelDropwatchHardwarePackets extends MetricDefinition<infer Labels> ? Labels : never;

/** bpf's `struct trap`. */
export interface Trap {
  readonly name: string;
  readonly group: string;
  readonly device: string;
  readonly type: number;
}

/** A driver that was unloaded at the same moment. */
const unknownTrap: Trap = { name: "unknown", group: "unknown", device: "", type: 0 };

export const hardwareConfig: Readonly<Record<string, ConfigProperty>> = {
  hardware: {
    type: "boolean",
    description: "Drops by hardware, as devlink traps tell them, are counted and described too.",
    default: true,
  },
};

export function isHardware({ reason }: Pick<DropwatchRecord, "reason">): boolean {
  return reason === HARDWARE_REASON;
}

/** The trap of a record or a summary. */
export function findTrap(
  loaded: Pick<LoadedEvent, "map">,
  { location }: Pick<DropwatchRecord, "location">,
): Trap {
  return (loaded.map("traps").lookup(location) as Trap | undefined) ?? unknownTrap;
}

/** Of all traps, by their names. */
export function countHardware(loaded: Pick<LoadedEvent, "sums"> | undefined): MetricPoint<TrapLabels>[] {
  const counts = loaded?.sums<Trap, number>("trap_counts") ?? [];
  return counts.map(({ key, value }) => ({
    attributes: nameTrap(key),
    value,
  }));
}

/** For records and the labels of metrics. */
function nameTrap({ name, group, type, device }: Trap): TrapLabels {
  return {
    "kerntel.dropwatch.trap.name": name,
    "kerntel.dropwatch.trap.group": group,
    "kerntel.dropwatch.trap.type": types[type] ?? "drop",
    ...(device === "" ? {} : { "hw.id": device }),
  };
}

interface Place extends SocketPlace {
  readonly interface: string;
  readonly interfaceIndex: number;
}

/** What a record and a summary have in common. */
function describePlace(place: Place, trap: Trap): KerntelDropwatchAttributes {
  return {
    "error.type": trap.name,
    ...nameTrap(trap),
    ...describeInterface(place),
    "kerntel.network.namespace.inode": place.netnsInode,
    "kerntel.network.namespace.cookie": String(place.netnsCookie),
  };
}

const acts = { drop: "dropped by", exception: "not forwarded by" } as const;

function act(trap: Trap): string {
  return `${acts[types[trap.type] ?? "drop"]} hardware (${trap.name})`;
}

export function describeHardwareDrop(
  record: DropwatchRecord,
  trap: Trap,
): TracerRecord<KerntelDropwatchAttributes> {
  const attributes: KerntelDropwatchAttributes = {
    ...describePlace(record, trap),
    "kerntel.packet.length": record.lengthBytes,
    "cpu.logical_number": record.cpu,
    ...describeFlow(record),
  };
  return {
    time: record.time,
    subject: socketSubject(record, ""),
    attributes,
    body: sentence(`Packet ${act(trap)}`, record, attributes),
  };
}

export function describeHardwareSummary(
  summary: DropwatchSummary,
  trap: Trap,
  words: Pick<TracingContext, "wallTime">,
): TracerRecord<KerntelDropwatchAttributes> {
  return {
    time: summary.last,
    subject: socketSubject(summary, ""),
    attributes: { ...describePlace(summary, trap), ...describeWindow(summary, words) },
    body: countSentence(summary, act(trap)),
  };
}
