/** Turns what an event saved into one log record and hands it to the pipeline. */
import type { Attributes } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { KerntelRecordAttributes } from "../telemetry/telemetry.generated.ts";
import { resolveSubject } from "../containers/resolve-subject.ts";
import type { EventIdentity, TracerRecord } from "../tracing/contract.ts";
import { ResourceLoggers } from "./resource-loggers.ts";
import type { Scope } from "./resource-loggers.ts";
import type { WallClock } from "./wall-clock.ts";

/** Takes one log record without waiting. What it has to refuse it reports by itself. */
type Offer = (record: ReadableLogRecord) => void;

export interface EmitterOptions {
  readonly hostAttributes: Attributes;
  readonly scope: Scope;
  readonly clock: WallClock;
  /** The next `log.record.uid`. */
  readonly nextUid: () => string;
  readonly offer: Offer;
}

export class Emitter {
  readonly #options: EmitterOptions;
  readonly #loggers: ResourceLoggers;

  constructor(options: EmitterOptions) {
    this.#options = options;
    const processor: LogRecordProcessor = {
      onEmit: (record) => {
        options.offer(record);
      },
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    this.#loggers = new ResourceLoggers(options.hostAttributes, processor, options.scope);
  }

  emit(identity: EventIdentity, record: TracerRecord<object>): void {
    const { key, attributes, attribution } = resolveSubject(record.subject);
    const own: KerntelRecordAttributes = {
      "kerntel.attribution": attribution,
      "log.record.uid": this.#options.nextUid(),
    };
    this.#loggers.for(key, attributes).emit({
      eventName: identity.name,
      timestamp: this.#options.clock.at(record.time),
      observedTimestamp: this.#options.clock.now(),
      severityNumber: record.severity ?? identity.severity,
      body: record.body,
      attributes: { ...record.attributes, ...own },
    });
  }
}
