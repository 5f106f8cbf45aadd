// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** The kernel, or hardware, dropped a packet, or a counted number of packets of one kind. */
export interface KerntelDropwatchAttributes {
  /** Class of the failure. */
  readonly "error.type": string;
  /** The kernel's name for the reason, without its prefix `SKB_DROP_REASON_`. */
  readonly "kerntel.dropwatch.reason"?: string;
  /** Trap by which the hardware dropped the packet, or could not forward it. */
  readonly "kerntel.dropwatch.trap.name"?: string;
  /** Group that devlink counts the trap in. */
  readonly "kerntel.dropwatch.trap.group"?: string;
  /** What became of the packet in the hardware. */
  readonly "kerntel.dropwatch.trap.type"?: "drop" | "exception";
  /** Identifies the part within the machine. */
  readonly "hw.id"?: string;
  /** Packets of this kind that were dropped in one window, with the one that was described. */
  readonly "kerntel.count"?: number;
  /** From the first to the last of the counted packets, in seconds. */
  readonly "kerntel.duration"?: number;
  /** When the first of the counted packets was dropped, in RFC 3339. */
  readonly "kerntel.dropwatch.first_time"?: string;
  /** When the last of the counted packets was dropped, in RFC 3339, to about a timer tick of the kernel. */
  readonly "kerntel.dropwatch.last_time"?: string;
  /** Length of the packet at the drop, with the headers it still had, in bytes. */
  readonly "kerntel.packet.length"?: number;
  /** Function, here of the kernel. */
  readonly "code.function.name"?: string;
  /** Stack, innermost function first, one line each. */
  readonly "code.stacktrace"?: string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number"?: number;
  /** Address that the packet came from. */
  readonly "source.address"?: string;
  /** Port that the packet came from. */
  readonly "source.port"?: number;
  /** Address that the packet was sent to. */
  readonly "destination.address"?: string;
  /** Port that the packet was sent to. */
  readonly "destination.port"?: number;
  /** Transport protocol: tcp, udp, … */
  readonly "network.transport"?: string;
  /** ipv4 or ipv6. */
  readonly "network.type"?: string;
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name"?: string;
  /** State of the TCP connection. */
  readonly "network.connection.state"?: string;
  /** Protocol number of the IP header (IANA), for what is neither TCP nor UDP. */
  readonly "kerntel.dropwatch.ip.protocol"?: number;
  /** ICMP or ICMPv6 message type. */
  readonly "kerntel.dropwatch.icmp.type"?: number;
  /** ICMP or ICMPv6 message code. */
  readonly "kerntel.dropwatch.icmp.code"?: number;
  /** EtherType of the packet, as four hexadecimal digits, for what is not IP. */
  readonly "kerntel.dropwatch.ethertype"?: string;
  /** Index of the network interface, in its network namespace. */
  readonly "kerntel.network.interface.index"?: number;
  /** Inode number of the network namespace, as in `/proc/PID/ns/net`. */
  readonly "kerntel.network.namespace.inode"?: number;
  /** Cookie of the network namespace, unique while the machine is up (SO_NETNS_COOKIE). */
  readonly "kerntel.network.namespace.cookie"?: string;
  /** User that owns the socket, in the initial user namespace. */
  readonly "kerntel.socket.user.id"?: number;
  /** Inode number of the cgroup that the socket was created in. */
  readonly "kerntel.socket.cgroup.id"?: string;
  /** Path of that cgroup below the root of its hierarchy. */
  readonly "kerntel.socket.cgroup.path"?: string;
}

export const kerntelDropwatchEvent = { name: "kerntel.dropwatch", severity: 13 } as const;

/** Packets that the kernel dropped, by reason; exact, whatever is described. */
export const kerntelDropwatchPackets: MetricDefinition<{
  /** The kernel's name for the reason, without its prefix `SKB_DROP_REASON_`. */
  readonly "kerntel.dropwatch.reason": string;
}> = {
  name: "kerntel.dropwatch.packets",
  unit: "{packet}",
  description: "Packets that the kernel dropped, by reason; exact, whatever is described.",
  instrument: "counter",
};

/** Packets that hardware dropped or could not forward, by devlink trap; exact, whatever is described. */
export const kerntelDropwatchHardwarePackets: MetricDefinition<{
  /** Trap by which the hardware dropped the packet, or could not forward it. */
  readonly "kerntel.dropwatch.trap.name": string;
  /** Group that devlink counts the trap in. */
  readonly "kerntel.dropwatch.trap.group": string;
  /** What became of the packet in the hardware. */
  readonly "kerntel.dropwatch.trap.type": "drop" | "exception";
  /** Identifies the part within the machine. */
  readonly "hw.id"?: string;
}> = {
  name: "kerntel.dropwatch.hardware.packets",
  unit: "{packet}",
  description:
    "Packets that hardware dropped or could not forward, by devlink trap; exact, whatever is described.",
  instrument: "counter",
};

/** Dropped packets that are counted and not described, by the rule that says so. */
export const kerntelDropwatchFiltered: MetricDefinition<{
  /** What put a drop aside; `filter` is the user's filter, `functions` are those of `noise_functions`, `control` is what hardware traps for the kernel without dropping it. */
  readonly "kerntel.dropwatch.rule":
    | "filter"
    | "queue_purge"
    | "neighbour_timeout"
    | "transmit_completion"
    | "packet_socket"
    | "unix_connect"
    | "ping_reply"
    | "multicast"
    | "fragments"
    | "netlink"
    | "functions"
    | "control";
}> = {
  name: "kerntel.dropwatch.filtered",
  unit: "{packet}",
  description: "Dropped packets that are counted and not described, by the rule that says so.",
  instrument: "counter",
};

/** Packets that no summary counts, because more kinds were dropped in a window than it holds. */
export const kerntelDropwatchUnsummarized: MetricDefinition<Record<string, never>> = {
  name: "kerntel.dropwatch.unsummarized",
  unit: "{packet}",
  description: "Packets that no summary counts, because more kinds were dropped in a window than it holds.",
  instrument: "counter",
};
