/** What the receiver knows of its own blindness: for `context.losses`, and for the record that reports it. */
import type { Subject } from "./subject.ts";

/** Why something that happened is in no log record. The first five are outcomes of the accounting, by their own names. */
export const lossReasons = [
  "ring_lost",
  "missed",
  "undecodable",
  "refused",
  "suppressed",
  "evicted",
  "table_full",
  "expired",
  "unreadable",
] as const;
export type LossReason = (typeof lossReasons)[number];

/** Tables of the receiver that have a limit. */
export const tableNames = ["cgroups", "network_namespaces", "tenant_cgroups", "tenant_namespaces"] as const;
type TableName = (typeof tableNames)[number];

/** What a loss is counted by. */
export interface LossKey {
  readonly reason: LossReason;
  /** Name of the event that lost it, as its folder. */
  readonly event?: string;
  /** Name of the destination that did not get it. */
  readonly destination?: string;
  /** Name of the table that had no room for it. */
  readonly table?: TableName;
}

/** One counter of losses since the receiver started. */
export interface LossTotal extends LossKey {
  readonly total: number;
  /** What the event saw since the receiver started; where there is an event. */
  readonly seen?: number;
  /** The entity that lost it, where it is known. `id` tells it from others of the same key. */
  readonly entity?: { readonly id: string; readonly subject: Subject };
}

/** What was lost and is in no stored record yet. */
export interface Loss extends LossTotal {
  /** Since the last record about it that was stored, of this run or of an earlier one. */
  readonly count: number;
  /** What the event saw since `from`; where there is an event and nothing is of an earlier run. */
  readonly seenSince?: number;
  /** Some of it is of an earlier run. */
  readonly isCarried: boolean;
  /** Nothing of it happened before: nanoseconds since boot, negative where it was before this boot. */
  readonly from: number;
  /** All of it had happened by then: nanoseconds since boot. */
  readonly until: number;
}

/** A time in which no receiver watched, between the run before this one and the end of this one's start. */
export interface Downtime {
  /** `restart`: the receiver was stopped. `crash`: it was killed or failed. `reboot`: another run of the kernel. */
  readonly reason: "restart" | "crash" | "reboot";
  /** Whether the run before ended by itself, having stored what it had. */
  readonly isCleanStop: boolean;
  /** Of the run before, where it is another one and known. */
  readonly previousBootId?: string;
  /** Nanoseconds since this boot; negative where it was before. */
  readonly from: number;
  readonly until: number;
}

/** The part of the context for an event that reports losses. */
export interface ReceiverLosses {
  /** Looks at every counter. */
  unreported(): readonly Loss[];
  /** Valid once the start is over; none at the first start with this state directory. */
  downtimes(): readonly Downtime[];
  /** A record that says this was stored: it is not reported again, by this run or the next. */
  reported(said: Loss | Downtime): void;
}

/** Names a loss among all. */
export function keyOf({ reason, event, destination, table, entity }: Omit<LossTotal, "total">): string {
  return JSON.stringify([reason, event ?? "", destination ?? "", table ?? "", entity?.id ?? ""]);
}
