/** One dropped packet in the words of OpenTelemetry and of people. */
import type { EventBpf, TracerRecord } from "#receiver/tracing/contract.ts";
import { connectionStates } from "#receiver/tracing/connection-state.ts";
import { socketSubject } from "#receiver/tracing/subject.ts";
import type { DropwatchRecord } from "./record.generated.ts";
import type { KerntelDropwatchAttributes } from "./telemetry.generated.ts";

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

/** Protocol numbers, IANA */
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;
const protocolNames = new Map([
  [ICMP, "ICMP"],
  [TCP, "TCP"],
  [UDP, "UDP"],
  [ICMPV6, "ICMPv6"],
  [SCTP, "SCTP"],
]);

/** What dev_valid_name allows (net/core/dev.c): the device field of a packet may hold something else. */
const INTERFACE_NAME = /^(?!\.{1,2}$)[^/:\t-\r ]+$/;

type Parts = Partial<KerntelDropwatchAttributes>;

export function describeDrop(
  record: DropwatchRecord,
  reason: string,
  symbols: Pick<EventBpf, "stack" | "symbol">,
): TracerRecord<KerntelDropwatchAttributes> {
  const stack = symbols.stack(record.stack);
  const location = symbols.symbol(record.location);
  const attributes: KerntelDropwatchAttributes = {
    "error.type": reason.toLowerCase(),
    "kerntel.dropwatch.reason": reason,
    "kerntel.packet.length": record.lengthBytes,
    "code.function.name": location.replace(/[+ ].*/, ""),
    ...(stack === "" ? {} : { "code.stacktrace": stack }),
    "cpu.logical_number": record.cpu,
    ...describeFlow(record),
    ...describeInterface(record),
    "kerntel.network.namespace.inode": record.netnsInode,
    "kerntel.network.namespace.cookie": String(record.netnsCookie),
    ...describeSocket(record),
  };
  return {
    time: record.time,
    subject: socketSubject(record, record.cgroup),
    attributes,
    body: sentence(`Packet dropped (${reason})`, record, attributes, `at ${location}`),
  };
}

export function describeFlow(record: DropwatchRecord): Parts {
  if (record.hasFlow === 0) {
    return record.ethertype === 0
      ? {}
      : { "kerntel.dropwatch.ethertype": record.ethertype.toString(16).padStart(4, "0") };
  }
  return {
    "source.address": record.sourceAddress,
    "destination.address": record.destinationAddress,
    ...(record.ethertype === ETHERTYPE_IPV4 ? { "network.type": "ipv4" } : {}),
    ...(record.ethertype === ETHERTYPE_IPV6 ? { "network.type": "ipv6" } : {}),
    ...describeProtocol(record),
  };
}

function describeProtocol(record: DropwatchRecord): Parts {
  const ports = { "source.port": record.sourcePort, "destination.port": record.destinationPort };
  switch (record.protocol) {
    case TCP:
      return { "network.transport": "tcp", ...ports };
    case UDP:
      return { "network.transport": "udp", ...ports };
    case SCTP:
      return { "kerntel.dropwatch.ip.protocol": SCTP, ...ports };
    case ICMP:
    case ICMPV6:
      return {
        "kerntel.dropwatch.ip.protocol": record.protocol,
        // The kernel half keeps type and code where other protocols have the source port.
        "kerntel.dropwatch.icmp.type": record.sourcePort >> 8,
        "kerntel.dropwatch.icmp.code": record.sourcePort & 0xff,
      };
    default:
      return { "kerntel.dropwatch.ip.protocol": record.protocol };
  }
}

/** By the fields that a packet and a summary share. */
export function describeInterface(
  record: Pick<DropwatchRecord, "interface" | "interfaceIndex">,
): Pick<Parts, "network.interface.name" | "kerntel.network.interface.index"> {
  const hasName = INTERFACE_NAME.test(record.interface);
  return {
    ...(hasName ? { "network.interface.name": record.interface } : {}),
    ...(record.interfaceIndex > 0 && (hasName || record.interface === "")
      ? { "kerntel.network.interface.index": record.interfaceIndex }
      : {}),
  };
}

function describeSocket(record: DropwatchRecord): Parts {
  if (record.hasSocket === 0) return {};
  const state = connectionStates[record.tcpState];
  return {
    "kerntel.socket.user.id": record.socketUid,
    ...(record.cgroupId === 0n
      ? {}
      : {
          "kerntel.socket.cgroup.id": String(record.cgroupId),
          "kerntel.socket.cgroup.path": record.cgroup,
        }),
    ...(state === undefined ? {} : { "network.connection.state": state }),
  };
}

export function sentence(
  what: string,
  record: DropwatchRecord,
  attributes: KerntelDropwatchAttributes,
  where = "",
): string {
  const device = attributes["network.interface.name"];
  return [
    `${what}:`,
    protocolNames.get(record.protocol) ?? "packet",
    endpoints(attributes),
    `${record.lengthBytes} bytes`,
    device === undefined ? "" : `on ${device}`,
    where,
  ]
    .filter(Boolean)
    .join(" ");
}

function endpoints(attributes: KerntelDropwatchAttributes): string {
  const source = attributes["source.address"];
  const destination = attributes["destination.address"];
  if (source === undefined || destination === undefined) return "";
  return `${withPort(source, attributes["source.port"])} → ${withPort(destination, attributes["destination.port"])},`;
}

function withPort(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
