// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** The state of a port of an 802.3ad bond changed. */
export interface KerntelBondingLacpAttributes {
  /** What became of the port. */
  readonly "kerntel.bonding_lacp.change":
    | "joined"
    | "left"
    | "in_service"
    | "out_of_service"
    | "partner_lost"
    | "partner_found"
    | "aggregator"
    | "state";
  /** Who told of the change. */
  readonly "kerntel.bonding_lacp.source": "kprobe" | "rtnetlink";
  /** Name of the network interface, in its network namespace. */
  readonly "network.interface.name": string;
  /** Name of the bond. */
  readonly "kerntel.bonding_lacp.bond": string;
  /** Index of the port's interface. */
  readonly "kerntel.network.interface.index": number;
  /** Kind of the part. */
  readonly "hw.type": string;
  /** Names of the bits that are set in our own port's state (IEEE 802.1AX, 6.4.2.3). */
  readonly "kerntel.bonding_lacp.actor.state"?: readonly string[];
  /** The same before the change. */
  readonly "kerntel.bonding_lacp.actor.previous_state"?: readonly string[];
  /** Names of the bits that are set in the partner's port's state, as it told. */
  readonly "kerntel.bonding_lacp.partner.state"?: readonly string[];
  /** The same before the change. */
  readonly "kerntel.bonding_lacp.partner.previous_state"?: readonly string[];
  /** System address of the port's partner. */
  readonly "kerntel.bonding_lacp.partner.address"?: string;
  /** Operational key of the port's partner. */
  readonly "kerntel.bonding_lacp.partner.key"?: number;
  /** Port number of the partner. */
  readonly "kerntel.bonding_lacp.partner.port"?: number;
  /** Aggregator that the port belongs to. */
  readonly "kerntel.bonding_lacp.aggregator.id"?: number;
  /** The same before the change. */
  readonly "kerntel.bonding_lacp.aggregator.previous_id"?: number;
  /** Ports of the bond's active aggregator, after the change. */
  readonly "kerntel.bonding_lacp.aggregator.ports"?: number;
  /** Churn machine of our side: none, monitoring or churned. */
  readonly "kerntel.bonding_lacp.churn.actor"?: string;
  /** The same of the partner's side. */
  readonly "kerntel.bonding_lacp.churn.partner"?: string;
  /** How often the bond took the port's link to be down. */
  readonly "kerntel.bonding_lacp.link_failures": number;
}

export const kerntelBondingLacpEvent = { name: "kerntel.bonding_lacp", severity: 13 } as const;

/** Changes of ports of 802.3ad bonds. */
export const kerntelBondingLacpChanges: MetricDefinition<{
  /** Name of the bond. */
  readonly "kerntel.bonding_lacp.bond": string;
  /** What became of the port. */
  readonly "kerntel.bonding_lacp.change":
    | "joined"
    | "left"
    | "in_service"
    | "out_of_service"
    | "partner_lost"
    | "partner_found"
    | "aggregator"
    | "state";
}> = {
  name: "kerntel.bonding_lacp.changes",
  unit: "{change}",
  description: "Changes of ports of 802.3ad bonds.",
  instrument: "counter",
};

/** Ports of a bond, by whether they collect and distribute. */
export const kerntelBondingLacpPorts: MetricDefinition<{
  /** Name of the bond. */
  readonly "kerntel.bonding_lacp.bond": string;
  /** Whether the port collects and distributes. */
  readonly "kerntel.bonding_lacp.in_service": boolean;
}> = {
  name: "kerntel.bonding_lacp.ports",
  unit: "{port}",
  description: "Ports of a bond, by whether they collect and distribute.",
  instrument: "gauge",
};
