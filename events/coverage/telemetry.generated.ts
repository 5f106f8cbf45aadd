// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** What the receiver watches from now on. */
export interface KerntelCoverageAttributes {
  /** Why this is reported now. */
  readonly "kerntel.coverage.trigger": "start" | "reload" | "change" | "repeat";
  /** Names of the events that watch. */
  readonly "kerntel.coverage.running"?: readonly string[];
  /** Names of the events that are being started. */
  readonly "kerntel.coverage.starting"?: readonly string[];
  /** Names of the events that failed after they had watched, and are started again after their interval. */
  readonly "kerntel.coverage.restarting"?: readonly string[];
  /** Names of the events that could not be attached; they are tried again. */
  readonly "kerntel.coverage.failed"?: readonly string[];
  /** Names of the events that this kernel, or what the receiver may do, does not allow. */
  readonly "kerntel.coverage.unsupported"?: readonly string[];
  /** Names of the events that the configuration switches off. */
  readonly "kerntel.coverage.disabled"?: readonly string[];
  /** Names of the events whose state changed since the coverage before, also where it changed back. */
  readonly "kerntel.coverage.changed"?: readonly string[];
  /** Where each event that watches is attached, as `name: hooks`. */
  readonly "kerntel.coverage.hooks"?: readonly string[];
  /** Why an event does not watch, or what it does not see on this kernel, as `name: reason`. */
  readonly "kerntel.coverage.reasons"?: readonly string[];
}

export const kerntelCoverageEvent = { name: "kerntel.coverage", severity: 9 } as const;

/** Changes of the states of events since the receiver started, those that one log record reports together included. */
export const kerntelCoverageChanges: MetricDefinition<{
  /** Name of the event, as its folder and its configuration key. */
  readonly "kerntel.event.name": string;
}> = {
  name: "kerntel.coverage.changes",
  unit: "{change}",
  description:
    "Changes of the states of events since the receiver started, those that one log record reports together included.",
  instrument: "counter",
};
