/** Which events there are. `events/index.ts` registers each with one line. */
import type { EventFactory } from "./contract.ts";

const factories = new Map<string, EventFactory>();

/** Makes an event known under the one name it has everywhere. Registering a name twice is a programming error. */
export function registerEventTracing(name: string, factory: EventFactory): void {
  if (factories.has(name)) throw new Error(`the event "${name}" is registered twice`);
  factories.set(name, factory);
}

export function registeredEvents(): ReadonlyMap<string, EventFactory> {
  return factories;
}
