/** Who is asked, as the configuration in force says, and what all have answered since the start. */
import { isDeepStrictEqual } from "node:util";
import type { ContainersConfig } from "#otel-config/config.ts";
import type { EventLog } from "../../tracing/contract.ts";
import { AskedSource } from "./asked-source.ts";
import type { SourceCounts } from "./asked-source.ts";
import { findSources } from "./find-sources.ts";
import type { NamedSource } from "./source.ts";

interface Current {
  readonly named: NamedSource;
  readonly source: AskedSource;
}

export class Sources {
  readonly #log: Pick<EventLog, "warn">;
  #current: readonly Current[] = [];
  /** Of those that were closed: a counter does not go back. */
  readonly #earlier = new Map<string, SourceCounts>();

  constructor(config: ContainersConfig, log: Pick<EventLog, "warn">) {
    this.#log = log;
    this.reload(config);
  }

  get all(): readonly AskedSource[] {
    return this.#current.map(({ source }) => source);
  }

  /** Those whose settings are the same stay as they are, the others are closed and made anew. */
  reload(config: ContainersConfig): void {
    const before = this.#current;
    this.#current = findSources(config).map((named) => {
      const same = before.find(
        (each) => each.named.name === named.name && isDeepStrictEqual(each.named.settings, named.settings),
      );
      return same ?? { named, source: new AskedSource(named, this.#log) };
    });
    for (const each of before) if (!this.#current.includes(each)) this.#retire(each.source);
  }

  /** Closes all and makes them anew, with the same settings. */
  restart(config: ContainersConfig): void {
    for (const { source } of this.#current) this.#retire(source);
    this.#current = [];
    this.reload(config);
  }

  counts(): ReadonlyMap<string, SourceCounts> {
    const all = new Map(this.#earlier);
    for (const source of this.all) all.set(source.name, add(all.get(source.name), source.counts()));
    return all;
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((source) => source.close()));
  }

  #retire(source: AskedSource): void {
    this.#earlier.set(source.name, add(this.#earlier.get(source.name), source.counts()));
    void source.close();
  }
}

function add(before: SourceCounts | undefined, counts: SourceCounts): SourceCounts {
  const { answered = 0, failed = 0, disagreed = 0 } = before ?? {};
  return {
    answered: answered + counts.answered,
    failed: failed + counts.failed,
    disagreed: disagreed + counts.disagreed,
  };
}
