/** One late packet in the words of OpenTelemetry and of people. */
import { connectionStates } from "#receiver/tracing/connection-state.ts";
import type { TracerRecord } from "#receiver/tracing/contract.ts";
import { socketSubject } from "#receiver/tracing/subject.ts";
import { taskAttributes } from "#receiver/tracing/task.ts";
import type { NetRxLatencyRecord } from "./record.generated.ts";
import type { KerntelNetRxLatencyAttributes } from "./telemetry.generated.ts";

/** Protocol number, IANA */
const TCP = 6;
const ETHERTYPE_IPV6 = 0x86dd;

export type Stage = KerntelNetRxLatencyAttributes["kerntel.net_rx_latency.stage"];

/** By the labels of the kernel half. */
const stages: Readonly<Record<NetRxLatencyRecord["stage"], Stage>> = {
  stack: "to_stack",
  transport: "to_transport",
  user: "to_user",
  unknown: "unknown",
};

const words: Readonly<Record<Stage, string>> = {
  to_stack: "to the network stack",
  to_transport: "to its socket",
  to_user: "to its reader",
  unknown: "somewhere",
};

type Parts = Partial<KerntelNetRxLatencyAttributes>;

export function describeLatePacket(record: NetRxLatencyRecord): TracerRecord<KerntelNetRxLatencyAttributes> {
  const attributes: KerntelNetRxLatencyAttributes = {
    "kerntel.net_rx_latency.stage": stages[record.stage],
    "kerntel.duration": record.latency / 1e9,
    "kerntel.threshold": record.threshold / 1e9,
    "kerntel.net_rx_latency.clock": record.clock,
    "network.transport": record.protocol === TCP ? "tcp" : "udp",
    "network.type": record.ethertype === ETHERTYPE_IPV6 ? "ipv6" : "ipv4",
    "source.address": record.sourceAddress,
    "source.port": record.sourcePort,
    "destination.address": record.destinationAddress,
    "destination.port": record.destinationPort,
    ...describeInterface(record),
    "kerntel.packet.length": record.lengthBytes,
    ...(record.protocol === TCP && record.stage !== "stack"
      ? { "kerntel.tcp.sequence": record.sequence }
      : {}),
    ...describeReader(record),
    "cpu.logical_number": record.cpu,
    "kerntel.network.namespace.inode": record.netnsInode,
    "kerntel.network.namespace.cookie": String(record.netnsCookie),
    ...describeOwner(record),
  };
  return {
    time: record.time,
    subject: socketSubject(record, record.cgroup),
    attributes,
    body: sentence(record, attributes),
  };
}

function describeInterface(record: NetRxLatencyRecord): Parts {
  return {
    ...(record.interface === "" ? {} : { "network.interface.name": record.interface }),
    ...(record.interfaceIndex === 0 ? {} : { "kerntel.network.interface.index": record.interfaceIndex }),
  };
}

function describeReader(record: NetRxLatencyRecord): Parts {
  if (record.pid === 0) return {};
  return taskAttributes(record);
}

function describeOwner(record: NetRxLatencyRecord): Parts {
  const state = connectionStates[record.tcpState];
  return {
    ...(state === undefined ? {} : { "network.connection.state": state }),
    ...(record.hasSocket === 0 ? {} : { "kerntel.socket.user.id": record.socketUid }),
    ...(record.cgroupId === 0n
      ? {}
      : {
          "kerntel.cgroup.id": String(record.cgroupId),
          "kerntel.cgroup.path": record.cgroup,
        }),
  };
}

function sentence(record: NetRxLatencyRecord, attributes: KerntelNetRxLatencyAttributes): string {
  const protocol = attributes["network.transport"].toUpperCase();
  const source = withPort(record.sourceAddress, record.sourcePort);
  const destination = withPort(record.destinationAddress, record.destinationPort);
  const reader = record.pid === 0 ? "" : ` ${record.comm} (${record.pid})`;
  const took = (record.latency / 1e6).toFixed(1);
  return `${protocol} packet ${source} → ${destination} took ${took} ms ${words[attributes["kerntel.net_rx_latency.stage"]]}${reader}`;
}

function withPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
