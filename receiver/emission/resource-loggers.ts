/**
 * One LoggerProvider, and so one Resource object, for each thing that records are about. OTLP groups records by
 * the identity of their Resource object, so the same subject must always meet the same one.
 */
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider } from "@opentelemetry/sdk-logs";
import type { Attributes, Logger } from "@opentelemetry/api";
import type { LogRecordProcessor } from "@opentelemetry/sdk-logs";

/** About 1 KB each; a node runs some hundreds of containers. The one unused longest gives way. */
const LOGGERS = 4_096;

export interface Scope {
  readonly name: string;
  readonly version: string;
}

export class ResourceLoggers {
  readonly #loggers = new Map<string, Logger>();
  readonly #hostAttributes: Attributes;
  readonly #processor: LogRecordProcessor;
  readonly #scope: Scope;

  constructor(hostAttributes: Attributes, processor: LogRecordProcessor, scope: Scope) {
    this.#hostAttributes = hostAttributes;
    this.#processor = processor;
    this.#scope = scope;
  }

  /** The logger of a subject: `key` names it, `attributes` are what its resource has beside the host's. */
  for(key: string, attributes: Attributes): Logger {
    const known = this.#loggers.get(key);
    if (known !== undefined) {
      this.#loggers.delete(key);
      this.#loggers.set(key, known);
      return known;
    }
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ ...this.#hostAttributes, ...attributes }),
      processors: [this.#processor],
    });
    const logger = provider.getLogger(this.#scope.name, this.#scope.version);
    this.#loggers.set(key, logger);
    this.#dropOldest();
    return logger;
  }

  get size(): number {
    return this.#loggers.size;
  }

  #dropOldest(): void {
    if (this.#loggers.size <= LOGGERS) return;
    for (const oldest of this.#loggers.keys()) {
      this.#loggers.delete(oldest);
      return;
    }
  }
}
