/** The figures of the table of costs, out of what the guest said. */
import { findOwn } from "./cost-plan.ts";
import type { CostLine, EventPlan, Measured, Phase, RunProgram } from "./cost-plan.ts";
import type { CostState, Costs, Workload } from "./cost-states.ts";
import { countAll, toInstructions } from "./slices.ts";

/** What one run of a program takes in one of its states, in instructions. */
export interface HitRow {
  readonly event: string;
  readonly program: string;
  readonly hook: string;
  readonly state: CostState["state"];
  readonly workload: Workload;
  readonly instructions: number;
  /** Of an empty program on the same hook in the same run; none where there is nothing to compare with. */
  readonly empty: number | undefined;
}

/** A program that an event has, whether it was measured or not. */
export interface ProgramRow {
  readonly event: string;
  readonly program: string;
  readonly hook: string;
  /** Instructions that the verifier looked at; none where it was not loaded. */
  readonly verified: number | undefined;
  /** Why there is no figure; empty where there is one. */
  readonly notMeasured: string;
}

/** What all probes together add to fixed work, in instructions a piece. */
export interface WholeRow {
  readonly workload: Workload;
  readonly count: number;
  readonly without: number;
  readonly withProbes: number;
}

/** Something that programs are made of, above a program that does nothing. */
export interface PartRow {
  readonly part: string;
  readonly instructions: number;
}

export interface CostRows {
  readonly release: string;
  readonly parts: readonly PartRow[];
  readonly hits: readonly HitRow[];
  readonly programs: readonly ProgramRow[];
  readonly whole: readonly WholeRow[];
}

type Line<Type extends CostLine["type"]> = Extract<CostLine, { readonly type: Type }>;

export function toRows(
  plans: readonly EventPlan[],
  costs: ReadonlyMap<string, Costs>,
  lines: readonly CostLine[],
): CostRows {
  const loaded = select(lines, "loaded")[0];
  const release = loaded?.release ?? "";
  const hits = select(lines, "state").flatMap((line) => toHits(plans, line));
  const programs = plans.flatMap((plan) => {
    const own = findOwn(plan, loaded?.programs ?? []);
    return plan.programs.map(({ name, hook }): ProgramRow => {
      const verified = own.find((program) => program.name === name)?.verified;
      const isMeasured = hits.some(({ event, program }) => event === plan.event && program === name);
      const reason =
        costs.get(plan.event)?.notMeasured?.[name] ??
        (verified === undefined ? `not loaded on ${release}` : "no workload reaches it");
      return { event: plan.event, program: name, hook, verified, notMeasured: isMeasured ? "" : reason };
    });
  });
  return { release, parts: toParts(lines), hits, programs, whole: toWhole(lines) };
}

/** Programs that fixed work reaches and that have neither a figure nor a reason, as sentences. */
export function findUndeclared(
  rows: CostRows,
  plans: readonly EventPlan[],
  costs: ReadonlyMap<string, Costs>,
  lines: readonly CostLine[],
): string[] {
  const reached = select(lines, "reached").flatMap(({ measured }) => measured);
  return plans.flatMap((plan) => {
    const names = new Set(
      reached.flatMap(({ programs }) =>
        findOwn(plan, programs)
          .filter(({ slices }) => countAll(slices) > 0)
          .map(({ name }) => name),
      ),
    );
    return rows.programs
      .filter(({ event, program, notMeasured }) => event === plan.event && names.has(program) && notMeasured)
      .filter(({ program }) => costs.get(plan.event)?.notMeasured?.[program] === undefined)
      .map(
        ({ event, program }) =>
          `${event}: fixed work reaches ${program}, but its kernel.costs.ts does not say how to measure it`,
      );
  });
}

/** States that no program of their event was in, as sentences. */
export function findUnreached(plans: readonly EventPlan[], lines: readonly CostLine[]): string[] {
  const failures = select(lines, "failure").map(({ message }) => message);
  const empty = select(lines, "state").filter((line) => toHits(plans, line).length === 0);
  return [
    ...failures,
    ...empty.map(
      ({ event, state }) => `${event}: ${state.workload} hits none of its programs, ${state.state}`,
    ),
  ];
}

function select<Type extends CostLine["type"]>(lines: readonly CostLine[], type: Type): Line<Type>[] {
  return lines.filter((line): line is Line<Type> => line.type === type);
}

function toHits(plans: readonly EventPlan[], { event, state, measured }: Line<"state">): HitRow[] {
  const plan = plans.find((candidate) => candidate.event === event);
  if (plan === undefined) return [];
  return findOwn(plan, measured.programs)
    .filter(({ name, slices }) => countAll(slices) > 0 && (state.programs?.includes(name) ?? true))
    .map((run) => {
      const { hook = "", empty = "" } = plan.programs.find(({ name }) => name === run.name) ?? {};
      const beside = measured.programs.find(({ name }) => name === empty);
      return {
        event,
        program: run.name,
        hook,
        state: state.state,
        workload: state.workload,
        instructions: perRun(run),
        empty: beside === undefined || countAll(beside.slices) === 0 ? undefined : perRun(beside),
      };
    });
}

function perRun({ slices }: RunProgram): number {
  return Math.round(toInstructions(slices));
}

function toParts(lines: readonly CostLine[]): PartRow[] {
  const programs = select(lines, "parts").flatMap(({ measured }) => measured.programs);
  const nothing = programs.find(({ name }) => name === "nothing");
  const base = nothing === undefined ? 0 : perRun(nothing);
  return programs
    .filter((program) => program !== nothing)
    .map((program) => ({ part: program.name.replaceAll("_", " "), instructions: perRun(program) - base }));
}

function toWhole(lines: readonly CostLine[]): WholeRow[] {
  const whole = select(lines, "whole");
  return [...new Set(whole.map(({ measured }) => measured.workload))].map((workload) => {
    const listRounds = (phase: Phase): Measured[] =>
      whole
        .filter((line) => line.phase === phase && line.measured.workload === workload)
        .map(({ measured }) => measured);
    // Whole processes, several in a row, may pay for what the machine has been through: a datagram then costs 285 more, in
    // the kernel's own code. That only adds.
    const least = (phase: Phase): number =>
      Math.min(...listRounds(phase).map(({ slices }) => toInstructions(slices)));
    const count = countAll(listRounds("with").flatMap(({ slices }) => slices));
    const mean = (first: Phase, second: Phase): number => Math.round((least(first) + least(second)) / 2);
    return { workload, count, without: mean("before", "after"), withProbes: mean("with", "with-still") };
  });
}
