/** All that plugs in, as the configuration reads it: exporters, sources of container metadata, and the events there are. */
import { registerEvents } from "#events/index.ts";
import { exporters } from "#exporters/index.ts";
import type { Declarations } from "#otel-config/declaration.ts";
import { containerSources } from "./containers/sources/index.ts";
import type { EventTracingAttr } from "./tracing/contract.ts";
import { registeredEvents } from "./tracing/registry.ts";

export function declare(events: ReadonlyMap<string, EventTracingAttr>): Declarations {
  return {
    exporters,
    sources: containerSources,
    events: Object.fromEntries([...events].map(([name, { config }]) => [name, config ?? {}])),
  };
}

/** Each time other ones: an event holds the state of its run. */
export function createEvents(): Map<string, EventTracingAttr> {
  if (registeredEvents().size === 0) registerEvents();
  // Each event is typed by its own configuration, which `readConfig` validates against the event's own declaration.
  return new Map([...registeredEvents()].map(([name, create]) => [name, create() as EventTracingAttr]));
}
