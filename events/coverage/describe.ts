/** What is watched, as one log record: names by state, so that "was it watched then?" is one query. */
import type { TracerRecord, WatchedEvent } from "#receiver/tracing/contract.ts";
import type { KerntelCoverageAttributes } from "./telemetry.generated.ts";

export type CoverageTrigger = KerntelCoverageAttributes["kerntel.coverage.trigger"];

const states = ["running", "starting", "restarting", "failed", "unsupported", "disabled"] as const;
const INFO = 9;
const WARN = 13;

export interface CoverageReport {
  readonly trigger: CoverageTrigger;
  readonly events: readonly WatchedEvent[];
  /** Names. */
  readonly changed: Iterable<string>;
  /** Nanoseconds since boot. */
  readonly time: number;
}

export function describeCoverage({
  trigger,
  events,
  changed,
  time,
}: CoverageReport): TracerRecord<KerntelCoverageAttributes> {
  const byState = Map.groupBy(events, ({ state }) => state);
  const namesIn = (state: (typeof states)[number]): string[] =>
    (byState.get(state) ?? []).map(({ name }) => name);
  const about = (text: "hook" | "reason"): string[] =>
    events.filter((event) => event[text] !== "").map((event) => `${event.name}: ${event[text]}`);
  const lists = {
    ...Object.fromEntries(states.map((state) => [`kerntel.coverage.${state}`, namesIn(state)])),
    "kerntel.coverage.changed": [...changed].toSorted(),
    "kerntel.coverage.hooks": about("hook"),
    "kerntel.coverage.reasons": about("reason"),
  };
  const present = Object.entries(lists).filter(([, list]) => list.length > 0);
  const isWorse = ["restarting", "failed"].some((state) => byState.has(state as WatchedEvent["state"]));
  return {
    time,
    subject: { kind: "host" },
    severity: isWorse ? WARN : INFO,
    attributes: { "kerntel.coverage.trigger": trigger, ...Object.fromEntries(present) },
    body: states
      .filter((state) => byState.has(state))
      .map((state) => sentences[state](namesIn(state)))
      .join("; "),
  };
}

const sentences: Readonly<Record<(typeof states)[number], (names: readonly string[]) => string>> = {
  running: (names) => (names.length === 1 ? "1 event is running" : `${names.length} events are running`),
  starting: (names) => `starting: ${names.join(", ")}`,
  restarting: (names) => `restarting: ${names.join(", ")}`,
  failed: (names) => `failed: ${names.join(", ")}`,
  unsupported: (names) => `unsupported here: ${names.join(", ")}`,
  disabled: (names) => `switched off: ${names.join(", ")}`,
};
