// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** TCP sent a segment again. */
export interface KerntelTcpRetransmitAttributes {
  /** What made TCP send the segment again. */
  readonly "kerntel.tcp_retransmit.kind":
    "syn" | "syn_ack" | "fast" | "timeout" | "tail_loss_probe" | "loss_recovery" | "unknown";
  /** Where the segment was lost before, as far as this machine knows. */
  readonly "kerntel.tcp_retransmit.cause": "local_drop" | "network_or_peer" | "unknown";
  /** The kernel's reason for the local drop, without its prefix `SKB_DROP_REASON_`. */
  readonly "kerntel.tcp_retransmit.drop.reason"?: string;
  /** Place in the kernel that dropped it, as symbol and offset. */
  readonly "kerntel.tcp_retransmit.drop.location"?: string;
  /** Time from the local drop to the retransmission, in seconds. */
  readonly "kerntel.tcp_retransmit.drop.age"?: number;
  /** Class of the failure. */
  readonly "error.type"?: string;
  /** Transport protocol: tcp, udp, … */
  readonly "network.transport": string;
  /** ipv4 or ipv6. */
  readonly "network.type": string;
  /** Address on this side of the connection. */
  readonly "network.local.address": string;
  /** Port on this side of the connection. */
  readonly "network.local.port": number;
  /** Address on the other side of the connection. */
  readonly "network.peer.address": string;
  /** Port on the other side of the connection. */
  readonly "network.peer.port": number;
  /** State of the TCP connection. */
  readonly "network.connection.state"?: string;
  /** State of congestion control, the kernel's `tcp_ca_state`. */
  readonly "kerntel.tcp_retransmit.congestion.state"?: string;
  /** Congestion window, in segments. */
  readonly "kerntel.tcp_retransmit.congestion.window"?: number;
  /** Sequence number of the TCP segment. */
  readonly "kerntel.tcp.sequence": number;
  /** Sequence numbers sent again; bytes, and one each for SYN and FIN. */
  readonly "kerntel.tcp_retransmit.length": number;
  /** Segments sent again at once. */
  readonly "kerntel.tcp_retransmit.segments": number;
  /** Timeouts in a row, this one included. */
  readonly "kerntel.tcp_retransmit.timeouts": number;
  /** Segments the connection sent again so far, also those whose records were suppressed. */
  readonly "kerntel.tcp_retransmit.total": number;
  /** Retransmission timeout in force, in seconds. */
  readonly "kerntel.tcp_retransmit.timeout"?: number;
  /** Smoothed round-trip time of the connection, in seconds. */
  readonly "kerntel.tcp_retransmit.round_trip"?: number;
  /** Inode number of the network namespace, as in `/proc/PID/ns/net`. */
  readonly "kerntel.network.namespace.inode"?: number;
  /** Cookie of the network namespace, unique while the machine is up (SO_NETNS_COOKIE). */
  readonly "kerntel.network.namespace.cookie"?: string;
  /** User that owns the socket, in the initial user namespace. */
  readonly "kerntel.socket.user.id": number;
  /** Inode number of the cgroup that the socket was created in. */
  readonly "kerntel.socket.cgroup.id"?: string;
  /** Path of that cgroup below the root of its hierarchy. */
  readonly "kerntel.socket.cgroup.path"?: string;
}

export const kerntelTcpRetransmitEvent = { name: "kerntel.tcp_retransmit", severity: 9 } as const;

/** Times that TCP sent something again, by kind; exact also when records are suppressed. */
export const kerntelTcpRetransmitRetransmissions: MetricDefinition<{
  /** What made TCP send the segment again. */
  readonly "kerntel.tcp_retransmit.kind":
    "syn" | "syn_ack" | "fast" | "timeout" | "tail_loss_probe" | "loss_recovery" | "unknown";
}> = {
  name: "kerntel.tcp_retransmit.retransmissions",
  unit: "{retransmission}",
  description: "Times that TCP sent something again, by kind; exact also when records are suppressed.",
  instrument: "counter",
};
