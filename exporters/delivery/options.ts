/** What a delivery offers and what it can be told. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Clock } from "../clock.ts";
import type { DeliveryCounter, DeliveryCounts, RejectionSample } from "./counts.ts";

export interface DeliveryOptions {
  /** 500 where left out. */
  readonly batchRecords?: number;
  /** A record waits no longer than this for company; 200 where left out. */
  readonly batchDelayMs?: number;
  /** Records that may wait in memory before the disk takes over; 5000 where left out. */
  readonly memoryRecords?: number;
  /** An attempt without an answer counts as failed after this; 30,000 where left out. */
  readonly attemptTimeoutMs?: number;
  /** Where a destination without a cursor begins: with what is stored already, or with what comes. */
  readonly startFrom?: "oldest" | "newest";
  readonly clock?: Clock;
  /** Between 0 and 1. */
  readonly random?: () => number;
  /** What becomes of records that a blocked destination refuses: they wait where left out. */
  readonly onRefusal?: "wait" | "drop";
  /** The destination began to fail (with the reason) or took records again; `blocked` comes once for each reason. */
  readonly onStateChange?: (state: DeliveryState, reason: string) => void;
  /** Of the delivery that this one takes the place of; what waits is counted anew. */
  readonly counter?: DeliveryCounter;
}

/** `retrying` ends by itself; what is `blocked` waits for a person, and is probed every 30 to 60 s. */
export type DeliveryState = "delivering" | "retrying" | "blocked";

export interface DeliveryStatus {
  readonly state: DeliveryState;
  /** `""` while it delivers. */
  readonly reason: string;
}

export interface Delivery {
  readonly name: string;
  /** To be called with every record that became durable, in uid order; returns at once. */
  notify(records: readonly ReadableLogRecord[]): void;
  counts(): DeliveryCounts;
  status(): DeliveryStatus;
  /** Something may have been mended: a blocked destination is tried now. */
  probe(): void;
  /** The latest refused record of each reason. */
  samples(): ReadonlyMap<string, RejectionSample>;
  /** Resolves with whether everything stored by now is settled, at `deadlineMs` from now at the latest. */
  flush(deadlineMs: number): Promise<boolean>;
  /** Sends what it can until the deadline, then stops; what is left stays in the log. Safe to call twice. */
  close(deadlineMs: number): Promise<void>;
}

export interface HaltableDelivery extends Delivery {
  /** Ends without sending what waits and without closing the destination, for a delivery that takes its place. */
  halt(): Promise<void>;
}
