// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A received packet was on its way through the kernel for too long. */
export interface KerntelNetRxLatencyAttributes {
  /** How far the packet had come. */
  readonly "kerntel.net_rx_latency.stage": "to_stack" | "to_transport" | "to_user" | "unknown";
  /** Age of the packet at that stage, in seconds since its time stamp. */
  readonly "kerntel.duration": number;
  /** Age from which on packets are reported at that stage, in seconds. */
  readonly "kerntel.threshold": number;
  /** Clock that the packet's time stamp was taken from. */
  readonly "kerntel.net_rx_latency.clock": "real" | "monotonic" | "tai" | "unknown";
  /** Transport protocol: tcp, udp, … */
  readonly "network.transport": string;
  /** ipv4 or ipv6. */
  readonly "network.type": string;
  /** Address that the packet came from. */
  readonly "source.address": string;
  /** Port that the packet came from. */
  readonly "source.port"?: number;
  /** Address that the packet was sent to. */
  readonly "destination.address": string;
  /** Port that the packet was sent to. */
  readonly "destination.port"?: number;
  /** State of the TCP connection. */
  readonly "network.connection.state"?: string;
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name"?: string;
  /** Index of the interface that received the packet, in its network namespace. */
  readonly "kerntel.network.interface.index"?: number;
  /** Length of the packet at that stage, with the headers it still had, in bytes. */
  readonly "kerntel.packet.length": number;
  /** Sequence number of the TCP segment. */
  readonly "kerntel.tcp.sequence"?: number;
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid"?: number;
  /** Kernel thread id, in the initial pid namespace. */
  readonly "thread.id"?: number;
  /** The kernel's name of the thread (comm). */
  readonly "thread.name"?: string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Inode number of the network namespace, as in `/proc/PID/ns/net`. */
  readonly "kerntel.network.namespace.inode"?: number;
  /** Cookie of the network namespace, unique while the machine is up (SO_NETNS_COOKIE). */
  readonly "kerntel.network.namespace.cookie"?: string;
  /** User that owns the socket, in the initial user namespace. */
  readonly "kerntel.socket.user.id"?: number;
  /** Inode number of the cgroup the socket was made in, or else of the reader's. */
  readonly "kerntel.cgroup.id"?: string;
  /** Path of the cgroup the socket was made in, or else of the reader's. */
  readonly "kerntel.cgroup.path"?: string;
}

export const kerntelNetRxLatencyEvent = { name: "kerntel.net_rx_latency", severity: 13 } as const;

/** Age of received packets at each stage, below the threshold too. In a burst one in 128 of those in time is timed and stands for 128. */
export const kerntelNetRxLatencyDuration: MetricDefinition<{
  /** How far the packet had come. */
  readonly "kerntel.net_rx_latency.stage": "to_stack" | "to_transport" | "to_user" | "unknown";
}> = {
  name: "kerntel.net_rx_latency.duration",
  unit: "s",
  description:
    "Age of received packets at each stage, below the threshold too. In a burst one in 128 of those in time is timed and stands for 128.",
  instrument: "histogram",
};

/** Packets that were older than the threshold, exact also when records are suppressed. */
export const kerntelNetRxLatencyLatePackets: MetricDefinition<{
  /** How far the packet had come. */
  readonly "kerntel.net_rx_latency.stage": "to_stack" | "to_transport" | "to_user" | "unknown";
}> = {
  name: "kerntel.net_rx_latency.late_packets",
  unit: "{packet}",
  description: "Packets that were older than the threshold, exact also when records are suppressed.",
  instrument: "counter",
};

/** Packets whose time stamp makes no sense, because the clock was set between stamp and stage. */
export const kerntelNetRxLatencyUnmeasuredPackets: MetricDefinition<{
  /** How far the packet had come. */
  readonly "kerntel.net_rx_latency.stage": "to_stack" | "to_transport" | "to_user" | "unknown";
}> = {
  name: "kerntel.net_rx_latency.unmeasured_packets",
  unit: "{packet}",
  description: "Packets whose time stamp makes no sense, because the clock was set between stamp and stage.",
  instrument: "counter",
};
