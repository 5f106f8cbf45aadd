/** Turns what an event saved into one log record and hands it to the pipeline. */
import type { Attributes } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { AttributeLimits } from "#otel-config/config.ts";
import type { KerntelRecordAttributes } from "../telemetry/telemetry.generated.ts";
import type { About } from "../containers/resolved-subject.ts";
import type { EventIdentity, OnSettled, Subject, TracerRecord } from "../tracing/contract.ts";
import { AttributeLimiter } from "./attribute-limiter.ts";
import type { LimitedCounts } from "./attribute-limiter.ts";
import { completePaths, TRUNCATED } from "./cgroup-paths.ts";
import type { WholePath } from "./cgroup-paths.ts";
import { HeldRecords } from "./held-records.ts";
import { knownAttributes } from "./known-attributes.ts";
import type { HeldCounts } from "./held-records.ts";
import { ResourceLoggers } from "./resource-loggers.ts";
import type { Scope } from "./resource-loggers.ts";
import type { Settlements } from "./settlements.ts";
import type { WallClock } from "./wall-clock.ts";

/** As many as `KerntelRecordAttributes` has: no limit is below it. */
const OWN_ATTRIBUTES = 6;
const NS_PER_SECOND = 1_000_000_000;

/** Takes one log record without waiting. What it has to refuse it reports by itself. */
type Offer = (record: ReadableLogRecord) => void;

export interface EmitterOptions {
  readonly hostAttributes: Attributes;
  readonly scope: Scope;
  readonly limits: AttributeLimits;
  readonly clock: WallClock;
  /** Of the kernel's present run; `undefined` where the kernel does not say it. */
  readonly bootId: string | undefined;
  /** From memory: what a record is about, as far as it is known. */
  readonly about: (subject: Subject) => About;
  readonly wholePath: WholePath;
  /** A record waits at most so long for more to become known. */
  readonly waitMs: number;
  /** The next `log.record.uid`. */
  readonly nextUid: () => string;
  readonly offer: Offer;
  readonly settlements: Settlements;
  /** A log record could not be made; it is lost. */
  readonly onLost: (eventName: string, error: unknown) => void;
}

export class Emitter {
  readonly #options: EmitterOptions;
  readonly #limiter: AttributeLimiter;
  readonly #loggers: ResourceLoggers;
  readonly #held: HeldRecords;

  constructor(options: EmitterOptions) {
    this.#options = options;
    this.#held = new HeldRecords(options.waitMs);
    const limiter = new AttributeLimiter(options.limits);
    this.#limiter = limiter;
    const processor: LogRecordProcessor = {
      onEmit: (record) => {
        limiter.noteDropped(record.droppedAttributesCount);
        options.offer(record);
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const { hostAttributes, scope } = options;
    const recordAttributes = limiter.recordCount(OWN_ATTRIBUTES);
    this.#loggers = new ResourceLoggers({ hostAttributes, processor, scope, limiter, recordAttributes });
  }

  /** Another `waitMs` than at the start. */
  setWait(waitMs: number): void {
    this.#held.setWait(waitMs);
  }

  /** `onSettled`: called once when the record is stored or is known to be lost. */
  emit(identity: EventIdentity, record: TracerRecord<object>, onSettled?: OnSettled): void {
    const { clock, bootId, settlements } = this.#options;
    let uid: string | undefined;
    const about = this.#options.about(record.subject);
    // The clock may be set while the record waits.
    const [timestamp, observedTimestamp] = [clock.at(record.time), clock.now()];
    const send = (): void => {
      const { attributes, attribution } = about.resolved;
      // Not before now: their order is the order of storing.
      uid = this.#options.nextUid();
      if (onSettled !== undefined) settlements.expect(uid, onSettled);
      const saved: Attributes = knownAttributes(
        completePaths(record.attributes as Attributes, this.#options.wholePath),
      );
      const own: KerntelRecordAttributes = {
        "kerntel.attribution": attribution,
        ...(bootId === undefined ? {} : { "kerntel.boot.id": bootId }),
        // As the kernel noted it: steps of the wall clock do not reach it.
        "kerntel.boot.time": record.time / NS_PER_SECOND,
        "log.record.uid": uid,
        ...(about.nestedId === undefined ? {} : { "kerntel.container.nested.id": about.nestedId }),
        ...(saved[TRUNCATED] === true ? { [TRUNCATED]: true } : {}),
      };
      this.#loggers.for(attributes).emit({
        eventName: identity.name,
        timestamp,
        observedTimestamp,
        severityNumber: record.severity ?? identity.severity,
        body: this.#limiter.cutText(record.body),
        // Kerntel's own come first, because the limit drops from the end; they win, and are never cut.
        attributes: { ...own, ...this.#limiter.cutValues(saved), ...own },
      });
    };
    // Neither the event that saved a record nor those that wait with it are to suffer from it.
    const trySend = (): void => {
      try {
        send();
      } catch (error) {
        this.#options.onLost(identity.name, error);
        if (uid === undefined) onSettled?.("refused");
        else settlements.settle(uid, "refused");
      }
    };
    this.#held.put(identity.name, { about, send: trySend });
  }

  /** Something became known that records may wait for. */
  release(): void {
    this.#held.release();
  }

  /** For the end: nothing waits any longer. */
  flush(): void {
    this.#held.sendAll();
  }

  counts(): HeldCounts {
    return this.#held.counts();
  }

  limited(): LimitedCounts {
    return this.#limiter.counts();
  }
}
