// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A transmit queue of a network interface stood still. */
export interface KerntelNetdevTxqueueTimeoutAttributes {
  /** Who found it. */
  readonly "kerntel.netdev_txqueue_timeout.kind": "watchdog" | "byte_queue";
  /** Class of the failure. */
  readonly "error.type": string;
  /** Kind of the part. */
  readonly "hw.type": string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name"?: string;
  /** Index of the network interface, in its network namespace. */
  readonly "kerntel.network.interface.index"?: number;
  /** Name of the network interface's driver. */
  readonly "kerntel.network.interface.driver"?: string;
  /** Number of the transmit queue, from 0. */
  readonly "kerntel.netdev_txqueue_timeout.queue"?: number;
  /** Transmit queues that the interface has. */
  readonly "kerntel.netdev_txqueue_timeout.queues"?: number;
  /** How long nothing was completed, in seconds. */
  readonly "kerntel.duration"?: number;
  /** How long it may take, in seconds. */
  readonly "kerntel.threshold"?: number;
  /** Inode number of the network namespace, as in `/proc/PID/ns/net`. */
  readonly "kerntel.network.namespace.inode"?: number;
  /** Cookie of the network namespace, unique while the machine is up (SO_NETNS_COOKIE). */
  readonly "kerntel.network.namespace.cookie"?: string;
}

export const kerntelNetdevTxqueueTimeoutEvent = {
  name: "kerntel.netdev_txqueue_timeout",
  severity: 17,
} as const;

/** Standing transmit queues that were found, by interface; exact also when records are suppressed. */
export const kerntelNetdevTxqueueTimeoutTimeouts: MetricDefinition<{
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name": string;
  /** Who found it. */
  readonly "kerntel.netdev_txqueue_timeout.kind": "watchdog" | "byte_queue";
}> = {
  name: "kerntel.netdev_txqueue_timeout.timeouts",
  unit: "{timeout}",
  description:
    "Standing transmit queues that were found, by interface; exact also when records are suppressed.",
  instrument: "counter",
};
