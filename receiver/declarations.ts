/** All that plugs in, as the configuration reads it: exporters, sources of container metadata, and the events there are. */
import { exporters } from "#exporters/index.ts";
import type { Declarations } from "#otel-config/declaration.ts";
import { containerSources } from "./containers/sources/index.ts";
import type { EventTracingAttr } from "./tracing/contract.ts";

export function declare(events: ReadonlyMap<string, EventTracingAttr>): Declarations {
  return {
    exporters,
    sources: containerSources,
    events: Object.fromEntries([...events].map(([name, { config }]) => [name, config ?? {}])),
  };
}
