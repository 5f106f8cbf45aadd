/** The parts of the running program, by asynchronous context: an error that nothing caught is known to be its part's. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { kerntelUncaughtErrors } from "../telemetry/telemetry.generated.ts";
import type { MetricDefinition } from "../tracing/contract.ts";

type Labels = typeof kerntelUncaughtErrors extends MetricDefinition<infer Of extends object> ? Of : never;

export interface Part {
  readonly kind: Labels["kerntel.part.kind"];
  /** Of an event or a destination. */
  readonly name?: string;
  /** Called after each of its errors, also while it is being restarted; returns at once. */
  readonly restart: (error: unknown) => void;
}

const parts = new AsyncLocalStorage<Part>();

/** Runs `act`; what it starts (timers, promises, readers of rings) belongs to the part too. */
export function runInPart<Result>(part: Part, act: () => Result): Result {
  return parts.run(part, act);
}

/** The part whose code runs; `undefined` between them. */
export function currentPart(): Part | undefined {
  return parts.getStore();
}
