/** What is watched, as `context.events` says it: for the record of coverage, and for what waits for the end of the start. */
import type { EventStatus } from "./event-state.ts";

export interface WatchedEvent extends EventStatus {
  /** As its folder. */
  readonly name: string;
}

export type CoverageChange = { readonly kind: "state"; readonly name: string } | { readonly kind: "reload" };

/** The part of the context for an event that watches the others. */
export interface WatchedEvents {
  /** All of them, by name. */
  list(): readonly WatchedEvent[];
  /** Resolves when the start is over: each event is attached or has its reason. */
  readonly ready: Promise<void>;
  /** `act` is called at each change of a state and after each reload, until disposed. */
  onChange(act: (change: CoverageChange) => void): Disposable;
}
