/** All that plugs in, as the configuration reads it: exporters, sources of container metadata, and the events there are. */
import { registerEvents } from "#events/index.ts";
import type { Declarations } from "#otel-config/declaration.ts";
import { containerSources } from "./containers/sources/index.ts";
import { registeredExporters } from "./exporter-registry.ts";
import type { EventTracingAttr } from "./tracing/contract.ts";
import { registeredEvents } from "./tracing/registry.ts";

export function declare(events: ReadonlyMap<string, EventTracingAttr>): Declarations {
  return {
    exporters: registeredExporters(),
    sources: containerSources,
    events: Object.fromEntries([...events].map(([name, { config }]) => [name, config ?? {}])),
  };
}

/** Each time other ones: an event holds the state of its run. */
export function createEvents(): Map<string, EventTracingAttr> {
  registerOwnEvents();
  // Each event is typed by its own configuration, which `readConfig` validates against the event's own declaration.
  return new Map([...registeredEvents()].map(([name, create]) => [name, create() as EventTracingAttr]));
}

let isRegistered = false;

/** Those of the tree come first, so that a plug-in cannot take their names. */
export function registerOwnEvents(): void {
  if (!isRegistered) registerEvents();
  isRegistered = true;
}
