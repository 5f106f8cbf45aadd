/** One retransmission in the words of OpenTelemetry and of people. */
import { getSystemErrorName } from "node:util";
import { connectionStates } from "#receiver/tracing/connection-state.ts";
import type { EventBpf, TracerRecord } from "#receiver/tracing/contract.ts";
import { socketSubject } from "#receiver/tracing/subject.ts";
import { judgeCause } from "./cause.ts";
import type { DropWatch } from "./cause.ts";
import type { TcpRetransmitRecord } from "./record.generated.ts";
import type { KerntelTcpRetransmitAttributes } from "./telemetry.generated.ts";

const INFO = 9;
const WARN = 13;

/** Kinds before which the connection stood still. */
const stalls: ReadonlySet<string> = new Set(["syn", "syn_ack", "timeout"]);

/** include/uapi/linux/tcp.h, enum tcp_ca_state, by value */
const congestionStates: readonly (string | undefined)[] = ["open", "disorder", "cwr", "recovery", "loss"];

const words: Readonly<Record<TcpRetransmitRecord["kind"], string>> = {
  syn: "SYN",
  syn_ack: "SYN-ACK",
  fast: "fast retransmission",
  timeout: "timeout",
  tail_loss_probe: "tail loss probe",
  loss_recovery: "recovery after a timeout",
  unknown: "unknown kind",
};

export interface RetransmitContext {
  readonly watch: DropWatch;
  readonly tickNs: number;
  /** Of the running kernel. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly bpf: Pick<EventBpf, "symbol">;
}

type Parts = Partial<KerntelTcpRetransmitAttributes>;

export function describeRetransmit(
  record: TcpRetransmitRecord,
  context: RetransmitContext,
): TracerRecord<KerntelTcpRetransmitAttributes> {
  const timeoutNs = Math.round(record.timeoutJiffies * context.tickNs);
  const congestion = congestionStates[record.congestionState];
  const state = connectionStates[record.tcpState];
  const attributes: KerntelTcpRetransmitAttributes = {
    "kerntel.tcp_retransmit.kind": record.kind,
    "kerntel.tcp_retransmit.cause": judgeCause(record, timeoutNs, context.watch),
    ...describeDrop(record, context),
    ...(record.error === 0 ? {} : { "error.type": getSystemErrorName(record.error) }),
    ...describeEnds(record),
    ...(state === undefined ? {} : { "network.connection.state": state }),
    // A request for a connection has neither yet.
    ...(record.congestionWindow === 0
      ? {}
      : { "kerntel.tcp_retransmit.congestion.window": record.congestionWindow }),
    ...(record.congestionWindow === 0 || congestion === undefined
      ? {}
      : { "kerntel.tcp_retransmit.congestion.state": congestion }),
    "kerntel.tcp.sequence": record.sequence,
    "kerntel.tcp_retransmit.length": record.lengthBytes,
    "kerntel.tcp_retransmit.segments": record.segments,
    "kerntel.tcp_retransmit.timeouts": record.timeouts,
    "kerntel.tcp_retransmit.total": record.totalRetransmits,
    ...(timeoutNs === 0 ? {} : { "kerntel.tcp_retransmit.timeout": timeoutNs / 1e9 }),
    ...(record.smoothedRttUs === 0
      ? {}
      : { "kerntel.tcp_retransmit.round_trip": record.smoothedRttUs / 8e6 }),
    ...describeOwner(record),
  };
  return {
    time: record.time,
    subject: socketSubject(record, record.cgroup),
    severity: stalls.has(record.kind) ? WARN : INFO,
    attributes,
    body: sentence(record, attributes),
  };
}

function describeEnds(
  record: TcpRetransmitRecord,
): Pick<
  KerntelTcpRetransmitAttributes,
  | "network.transport"
  | "network.type"
  | "network.local.address"
  | "network.local.port"
  | "network.peer.address"
  | "network.peer.port"
> {
  return {
    "network.transport": "tcp",
    // An IPv6 socket that speaks IPv4 has mapped addresses, which read as IPv4.
    "network.type": record.peerAddress.includes(":") ? "ipv6" : "ipv4",
    "network.local.address": record.localAddress,
    "network.local.port": record.localPort,
    "network.peer.address": record.peerAddress,
    "network.peer.port": record.peerPort,
  };
}

function describeDrop(record: TcpRetransmitRecord, { reasons, bpf }: RetransmitContext): Parts {
  if (record.dropAnswer !== "found") return {};
  const name = reasons.get(record.dropReason)?.replace(/^SKB_(?:DROP_REASON_)?/, "");
  return {
    "kerntel.tcp_retransmit.drop.reason":
      name ?? (reasons.size === 0 ? "UNKNOWN" : String(record.dropReason)),
    "kerntel.tcp_retransmit.drop.location": bpf.symbol(record.dropLocation),
    "kerntel.tcp_retransmit.drop.age": record.dropAge / 1e9,
  };
}

function describeOwner(
  record: TcpRetransmitRecord,
): Pick<
  KerntelTcpRetransmitAttributes,
  | "kerntel.network.namespace.inode"
  | "kerntel.network.namespace.cookie"
  | "kerntel.socket.user.id"
  | "kerntel.socket.cgroup.id"
  | "kerntel.socket.cgroup.path"
> {
  return {
    "kerntel.network.namespace.inode": record.netnsInode,
    "kerntel.network.namespace.cookie": String(record.netnsCookie),
    "kerntel.socket.user.id": record.socketUid,
    ...(record.cgroupId === 0n
      ? {}
      : {
          "kerntel.socket.cgroup.id": String(record.cgroupId),
          "kerntel.socket.cgroup.path": record.cgroup,
        }),
  };
}

const causes: Readonly<Record<KerntelTcpRetransmitAttributes["kerntel.tcp_retransmit.cause"], string>> = {
  local_drop: "dropped on this machine",
  network_or_peer: "not lost on this machine",
  unknown: "where it was lost is not known",
};

function sentence(record: TcpRetransmitRecord, attributes: KerntelTcpRetransmitAttributes): string {
  const reason = attributes["kerntel.tcp_retransmit.drop.reason"];
  const cause = causes[attributes["kerntel.tcp_retransmit.cause"]];
  const ends = `${withPort(record.localAddress, record.localPort)} → ${withPort(record.peerAddress, record.peerPort)}`;
  const verb = record.error === 0 ? "TCP sent again" : "TCP could not send again";
  return `${verb} (${words[record.kind]}): ${ends}, ${cause}${reason === undefined ? "" : ` (${reason})`}`;
}

function withPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
