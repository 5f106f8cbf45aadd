/** A delivery that can be started anew at its cursor, after an error that it did not expect. Its counts go on. */
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { type Clock, computeBackoffMs, systemClock } from "../clock.ts";
import type { Destination, FollowedLog } from "../contract.ts";
import { type DeliveryCounts, DeliveryCounter, type RejectionSample } from "./counts.ts";
import { startDelivery } from "./delivery.ts";
import type { Delivery, DeliveryOptions, DeliveryStatus, HaltableDelivery } from "./options.ts";

const BACKOFF = { baseMs: 1_000, maxMs: 300_000 };

export class RestartableDelivery implements Delivery {
  readonly name: string;
  readonly #start: () => HaltableDelivery;
  readonly #clock: Clock;
  readonly #options: DeliveryOptions;
  readonly #counter = new DeliveryCounter();
  readonly #stop = new AbortController();
  #current: HaltableDelivery;
  #restarts = 0;
  #restarting: Promise<void> | undefined;

  constructor(log: FollowedLog, destination: Destination, options: DeliveryOptions) {
    this.name = destination.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#start = (): HaltableDelivery =>
      startDelivery(log, destination, { ...options, counter: this.#counter });
    this.#current = this.#start();
  }

  /** Returns at once; errors of a delivery that is being started anew change nothing more. */
  restart(): void {
    if (this.#stop.signal.aborted) return;
    this.#restarting ??= this.#restart().finally(() => (this.#restarting = undefined));
  }

  /** What comes while it is started anew waits in the log. */
  notify(records: readonly ReadableLogRecord[]): void {
    this.#current.notify(records);
  }

  counts(): DeliveryCounts {
    return this.#counter.read();
  }

  status(): DeliveryStatus {
    return this.#current.status();
  }

  probe(): void {
    this.#current.probe();
  }

  samples(): ReadonlyMap<string, RejectionSample> {
    return this.#counter.samples;
  }

  async flush(deadlineMs: number): Promise<boolean> {
    await this.#restarting;
    return this.#current.flush(deadlineMs);
  }

  async close(deadlineMs: number): Promise<void> {
    this.#stop.abort();
    await this.#restarting;
    await this.#current.close(deadlineMs);
  }

  async #restart(): Promise<void> {
    await this.#current.halt();
    const delayMs = computeBackoffMs(this.#restarts, BACKOFF, this.#options.random);
    this.#restarts += 1;
    await this.#clock.sleep(delayMs, this.#stop.signal);
    this.#current = this.#start();
  }
}
