/** One standing transmit queue in the words of OpenTelemetry and of people. */
import type { TracerRecord } from "#receiver/tracing/contract.ts";
import type { NetdevTxqueueTimeoutRecord } from "./record.generated.ts";
import type { KerntelNetdevTxqueueTimeoutAttributes } from "./telemetry.generated.ts";

const SEVERITY_WARN = 13;
const SEVERITY_ERROR = 17;
/** `enum timeout_kind` of the kernel half. */
const TIMEOUT_BYTE_QUEUE = 1;

type Kind = KerntelNetdevTxqueueTimeoutAttributes["kerntel.netdev_txqueue_timeout.kind"];
type Parts = Partial<KerntelNetdevTxqueueTimeoutAttributes>;

export function nameKind(kind: number): Kind {
  return kind === TIMEOUT_BYTE_QUEUE ? "byte_queue" : "watchdog";
}

/** `tickNs`: how long a jiffy is. */
export function describeTimeout(
  record: NetdevTxqueueTimeoutRecord,
  tickNs: number,
): TracerRecord<KerntelNetdevTxqueueTimeoutAttributes> {
  const kind = nameKind(record.kind);
  const isKnown = record.interface !== "";
  const stall = kind === "byte_queue" ? describeStall(record, tickNs) : {};
  return {
    time: record.time,
    subject: isKnown
      ? { kind: "network_namespace", inode: record.netnsInode, cookie: record.netnsCookie }
      : { kind: "host" },
    severity: kind === "watchdog" ? SEVERITY_ERROR : SEVERITY_WARN,
    attributes: {
      "kerntel.netdev_txqueue_timeout.kind": kind,
      "error.type": kind === "watchdog" ? "transmit_timeout" : "transmit_stall",
      "hw.type": "network",
      "cpu.logical_number": record.cpu,
      ...(isKnown ? describeQueue(record) : {}),
      ...stall,
    },
    body: sentence(record, stall),
  };
}

function describeQueue(record: NetdevTxqueueTimeoutRecord): Parts {
  return {
    "network.interface.name": record.interface,
    "kerntel.network.interface.index": record.interfaceIndex,
    ...(record.driver === "" ? {} : { "kerntel.network.interface.driver": record.driver }),
    "kerntel.netdev_txqueue_timeout.queue": record.queue,
    "kerntel.netdev_txqueue_timeout.queues": record.queues,
    "kerntel.network.namespace.inode": record.netnsInode,
    "kerntel.network.namespace.cookie": String(record.netnsCookie),
  };
}

function describeStall(
  { stalledJiffies, thresholdJiffies }: NetdevTxqueueTimeoutRecord,
  tickNs: number,
): Parts {
  return {
    "kerntel.duration": (stalledJiffies * tickNs) / 1e9,
    "kerntel.threshold": (thresholdJiffies * tickNs) / 1e9,
  };
}

function sentence(record: NetdevTxqueueTimeoutRecord, stall: Parts): string {
  const driver = record.driver === "" ? "" : ` (${record.driver})`;
  const queue =
    record.interface === ""
      ? "Transmit queue of an unknown interface"
      : `Transmit queue ${record.queue} of ${record.interface}${driver}`;
  const duration = stall["kerntel.duration"];
  if (duration === undefined) return `${queue} timed out: the driver is told to reset it`;
  const threshold = stall["kerntel.threshold"] ?? 0;
  return `${queue} completed nothing for ${milliseconds(duration)} ms, limit ${milliseconds(threshold)} ms`;
}

function milliseconds(durationS: number): number {
  return Math.round(durationS * 1e3);
}
