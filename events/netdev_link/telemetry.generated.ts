// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A network interface changed. */
export interface KerntelNetdevLinkAttributes {
  /** What changed. */
  readonly "kerntel.netdev_link.change":
    | "added"
    | "removed"
    | "admin_up"
    | "admin_down"
    | "carrier_up"
    | "carrier_down"
    | "flap"
    | "operational_state"
    | "speed"
    | "renamed"
    | "joined"
    | "left"
    | "port_state";
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name": string;
  /** Index of the network interface, in its network namespace. */
  readonly "kerntel.network.interface.index": number;
  /** Kind of the part. */
  readonly "hw.type": string;
  /** Hardware address of the network adapter. */
  readonly "hw.network.physical_address"?: string;
  /** Version of the device's driver. */
  readonly "hw.driver_version"?: string;
  /** Version of the device's firmware. */
  readonly "hw.firmware_version"?: string;
  /** Kind of a virtual interface; absent for hardware. */
  readonly "kerntel.netdev_link.kind"?: string;
  /** Name of the network interface's driver. */
  readonly "kerntel.network.interface.driver"?: string;
  /** Bus address of the device. */
  readonly "kerntel.netdev_link.bus"?: string;
  /** Whether it is set up, after the change. */
  readonly "kerntel.netdev_link.up": boolean;
  /** Whether its driver sees a carrier, after the change. */
  readonly "kerntel.netdev_link.carrier": boolean;
  /** How often the carrier came or went since the interface exists. */
  readonly "kerntel.netdev_link.carrier_changes": number;
  /** How often the carrier came or went without a message that said so. */
  readonly "kerntel.netdev_link.flap.transitions"?: number;
  /** Operational state after RFC 2863, after the change. */
  readonly "kerntel.netdev_link.operational_state": string;
  /** Speed in megabits a second, where the driver knows it. */
  readonly "kerntel.netdev_link.speed"?: number;
  /** half or full, where the driver knows it. */
  readonly "kerntel.netdev_link.duplex"?: string;
  /** Name before it was renamed. */
  readonly "kerntel.netdev_link.previous.name"?: string;
  /** Speed before, in megabits a second. */
  readonly "kerntel.netdev_link.previous.speed"?: number;
  /** Duplex before. */
  readonly "kerntel.netdev_link.previous.duplex"?: string;
  /** Bond, bridge or team that it belongs to, or belonged to. */
  readonly "kerntel.netdev_link.master.name"?: string;
  /** Kind of that interface. */
  readonly "kerntel.netdev_link.master.kind"?: string;
  /** Whether the bond sends through this port. */
  readonly "kerntel.netdev_link.port.active"?: boolean;
  /** Whether the bond takes the port's link to be up. */
  readonly "kerntel.netdev_link.port.link"?: boolean;
}

export const kerntelNetdevLinkEvent = { name: "kerntel.netdev_link", severity: 13 } as const;

/** Changes of network interfaces that are not denied; ends some time after the interface is gone. */
export const kerntelNetdevLinkChanges: MetricDefinition<{
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name": string;
  /** What changed. */
  readonly "kerntel.netdev_link.change":
    | "added"
    | "removed"
    | "admin_up"
    | "admin_down"
    | "carrier_up"
    | "carrier_down"
    | "flap"
    | "operational_state"
    | "speed"
    | "renamed"
    | "joined"
    | "left"
    | "port_state";
}> = {
  name: "kerntel.netdev_link.changes",
  unit: "{change}",
  description:
    "Changes of network interfaces that are not denied; ends some time after the interface is gone.",
  instrument: "counter",
};

/** 1 while the interface is set up and has a carrier, else 0. */
export const kerntelNetdevLinkRunning: MetricDefinition<{
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name": string;
}> = {
  name: "kerntel.netdev_link.running",
  unit: "1",
  description: "1 while the interface is set up and has a carrier, else 0.",
  instrument: "gauge",
};

/** How often the kernel's messages came faster than they were read, so that all interfaces were asked for again. */
export const kerntelNetdevLinkOverruns: MetricDefinition<Record<string, never>> = {
  name: "kerntel.netdev_link.overruns",
  unit: "{overrun}",
  description:
    "How often the kernel's messages came faster than they were read, so that all interfaces were asked for again.",
  instrument: "counter",
};
