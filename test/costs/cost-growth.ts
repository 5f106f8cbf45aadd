/** What grew from one table of costs to another. */
import type { CostRows } from "./cost-rows.ts";

/** More than this is a failure. */
const GROWTH = 0.1;
/** By how much of itself the same work differs from run to run. */
const WORK_NOISE = 0.005;
/** A new process meets memory that others have left in one state or another. */
const FORK_NOISE = 0.01;
/** Two runs of the same differ by less. */
const REPEAT = 0.02;

/** One figure of the table. */
interface Figure {
  readonly name: string;
  readonly value: number;
  /** A change by less says nothing. */
  readonly noise: number;
}

function listFigures({ hits, programs, whole }: CostRows): Map<string, Figure> {
  const figures: Figure[] = [
    ...hits.map(({ event, program, state, workload, instructions }) => ({
      name: `${event}: ${program}, ${state} by ${workload}`,
      value: instructions,
      noise: 0,
    })),
    ...programs.map(({ event, program, verified = 0 }) => ({
      name: `${event}: what the verifier looks at of ${program}`,
      value: verified,
      noise: 0,
    })),
    ...whole.map(({ workload, without, withProbes }) => ({
      name: `all probes: added to ${workload}`,
      value: withProbes - without,
      noise: without * (workload === "fork-exec" ? FORK_NOISE : WORK_NOISE),
    })),
  ];
  return new Map(figures.map((figure) => [figure.name, figure]));
}

/** What is more than a tenth higher than before, or is not measured any more, as sentences. */
export function findGrowth(before: CostRows, now: CostRows): string[] {
  const current = listFigures(now);
  return [...listFigures(before).values()].flatMap(({ name, value, noise }) => {
    const found = current.get(name);
    if (found === undefined) return value === 0 ? [] : [`${name}: was ${value}, is not measured any more`];
    const growth = found.value - value;
    return growth > Math.max(GROWTH * Math.max(value, 0), noise)
      ? [`${name}: was ${value}, is ${found.value}`]
      : [];
  });
}

/** Whether the two say the same, but for what differs from run to run. */
export function isSame(before: CostRows, now: CostRows): boolean {
  const old = listFigures(before);
  const current = listFigures(now);
  return (
    old.size === current.size &&
    before.release === now.release &&
    before.parts.length === now.parts.length &&
    before.programs.every(({ notMeasured }, index) => notMeasured === now.programs[index]?.notMeasured) &&
    [...old.values()].every(({ name, value, noise }) => {
      const found = current.get(name);
      return found !== undefined && Math.abs(found.value - value) <= Math.max(REPEAT * value, noise);
    })
  );
}
