/** What the guest is told to measure, and what it says of it, one JSON text a line. */
import type { CostState, Workload } from "./cost-states.ts";

export interface ObjectProgram {
  readonly name: string;
  /** As `tp_btf/kfree_skb`. */
  readonly hook: string;
  /** The empty program on the same hook; none where there is nothing to compare with. */
  readonly empty: string | undefined;
}

export interface EventPlan {
  readonly event: string;
  readonly programs: readonly ObjectProgram[];
  readonly states: readonly CostState[];
}

/** Work that all probes together are measured with; `count` is of one of its rounds. */
export interface WholeWorkload {
  readonly workload: Workload;
  readonly count: number;
  readonly warmUp: number;
}

export interface CostPlan {
  /** Programs of `guest/parts.bpf.c`. */
  readonly parts: readonly string[];
  readonly whole: readonly WholeWorkload[];
  readonly events: readonly EventPlan[];
}

/** A tenth of the work: how often, and the nanoseconds that all of it took. */
export type Slice = readonly [count: number, nanoseconds: number];

/** One program of the kernel, as `guest/measure` prints it. */
export interface RunProgram {
  readonly id: number;
  readonly name: string;
  /** Global functions of the object it is from, its own among them. */
  readonly functions: readonly string[];
  /** Instructions that the verifier looked at. */
  readonly verified: number;
  readonly slices: readonly Slice[];
}

/**
 * Fixed work is done without Kerntel, with it when it has just started, with it at the end, and without it again: a
 * machine that has run for a while is not the one that has just started.
 */
export type Phase = "before" | "with" | "with-still" | "after";

export interface Measured {
  readonly workload: Workload;
  readonly slices: readonly Slice[];
  readonly programs: readonly RunProgram[];
}

export type CostLine =
  | { readonly type: "loaded"; readonly release: string; readonly programs: readonly RunProgram[] }
  | { readonly type: "whole"; readonly phase: Phase; readonly measured: Measured }
  | { readonly type: "state"; readonly event: string; readonly state: CostState; readonly measured: Measured }
  /** A little of the fixed work, for which programs it reaches. */
  | { readonly type: "reached"; readonly measured: readonly Measured[] }
  | { readonly type: "parts"; readonly measured: Measured }
  | { readonly type: "failure"; readonly message: string }
  | { readonly type: "end" };

/** The programs of an event among those of the kernel: they are from an object with all its functions. */
export function findOwn(plan: EventPlan, programs: readonly RunProgram[]): RunProgram[] {
  return programs.filter(({ functions }) => plan.programs.every(({ name }) => functions.includes(name)));
}
