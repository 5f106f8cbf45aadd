// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** Something happened that no log record describes. */
export interface KerntelBlindAttributes {
  /** Why something that happened is in no log record. */
  readonly "kerntel.blind.reason":
    | "ring_lost"
    | "missed"
    | "undecodable"
    | "refused"
    | "suppressed"
    | "evicted"
    | "table_full"
    | "expired"
    | "unreadable"
    | "restart"
    | "crash"
    | "reboot";
  /** Beginning of the time that the log record is about, in RFC 3339; its end is the Timestamp. */
  readonly "kerntel.blind.from": string;
  /** How long it lasted, in seconds; the log record's Timestamp is its end. */
  readonly "kerntel.duration": number;
  /** How many occurrences the log record stands for. */
  readonly "kerntel.count"?: number;
  /** Name of the event, as its folder and its configuration key. */
  readonly "kerntel.event.name"?: string;
  /** Name of a destination that follows the local log. */
  readonly "kerntel.destination.name"?: string;
  /** Table of the receiver or of one of its BPF programs. */
  readonly "kerntel.table.name"?: "cgroups" | "network_namespaces" | "tenant_cgroups" | "tenant_namespaces";
  /** How much the event saw in the same time. */
  readonly "kerntel.blind.seen"?: number;
  /** Whether the receiver stored what it had before it ended. */
  readonly "kerntel.blind.clean_stop"?: boolean;
  /** The boot that the receiver ran in before, where it is another one. */
  readonly "kerntel.blind.previous_boot.id"?: string;
}

export const kerntelBlindEvent = { name: "kerntel.blind", severity: 13 } as const;

/** Losses that no stored log record says yet, of this run and earlier ones. */
export const kerntelBlindUnreported: MetricDefinition<{
  /** Why something that happened is in no log record. */
  readonly "kerntel.blind.reason":
    | "ring_lost"
    | "missed"
    | "undecodable"
    | "refused"
    | "suppressed"
    | "evicted"
    | "table_full"
    | "expired"
    | "unreadable"
    | "restart"
    | "crash"
    | "reboot";
}> = {
  name: "kerntel.blind.unreported",
  unit: "{occurrence}",
  description: "Losses that no stored log record says yet, of this run and earlier ones.",
  instrument: "updowncounter",
};

/** How long no receiver watched before this one started; absent at the first start. */
export const kerntelBlindDowntime: MetricDefinition<{
  /** Why something that happened is in no log record. */
  readonly "kerntel.blind.reason":
    | "ring_lost"
    | "missed"
    | "undecodable"
    | "refused"
    | "suppressed"
    | "evicted"
    | "table_full"
    | "expired"
    | "unreadable"
    | "restart"
    | "crash"
    | "reboot";
}> = {
  name: "kerntel.blind.downtime",
  unit: "s",
  description: "How long no receiver watched before this one started; absent at the first start.",
  instrument: "gauge",
};
