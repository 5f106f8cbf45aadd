/**
 * One LoggerProvider, and so one Resource object, for each thing that records are about. OTLP groups records by
 * the identity of their Resource object, so the same subject must always meet the same one.
 */
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import type { Attributes, Logger } from "@opentelemetry/api";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";
import type { AttributeLimiter } from "./attribute-limiter.ts";

export interface Scope {
  readonly name: string;
  readonly version: string;
  /** Of the conventions that the names of attributes follow, on the scope and on its resource. */
  readonly schemaUrl?: string;
}

export interface ResourceLoggersOptions {
  readonly hostAttributes: Attributes;
  readonly processor: LogRecordProcessor;
  readonly scope: Scope;
  readonly limiter: AttributeLimiter;
  /** A record has no more attributes than this; the SDK drops and counts those that come after. */
  readonly recordAttributes: number;
}

export class ResourceLoggers {
  /** Gone with the object that stands for the subject: when its last cgroup is forgotten, or more became known of it. */
  readonly #loggers = new WeakMap<object, Logger>();
  readonly #options: ResourceLoggersOptions;

  constructor(options: ResourceLoggersOptions) {
    this.#options = options;
  }

  /** The logger of a subject: `attributes` are what its resource has beside the host's, and the same object each time. */
  for(attributes: Attributes): Logger {
    const known = this.#loggers.get(attributes);
    if (known !== undefined) return known;
    const { hostAttributes, processor, limiter, recordAttributes } = this.#options;
    const { name, version, ...schema } = this.#options.scope;
    const provider = new LoggerProvider({
      resource: resourceFromAttributes(limiter.limitResource(hostAttributes, attributes), schema),
      processors: [processor],
      // Of values, the limiter has cut all that needs it.
      logRecordLimits: { attributeCountLimit: recordAttributes },
    });
    const logger = provider.getLogger(name, version, schema);
    this.#loggers.set(attributes, logger);
    return logger;
  }
}
