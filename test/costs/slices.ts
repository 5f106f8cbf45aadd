/** One figure out of the slices that work was measured in. */
import type { Slice } from "./cost-plan.ts";

/** A guest's clock counts an instruction as so many nanoseconds. */
const NS_PER_INSTRUCTION = 2;

export function countAll(slices: readonly Slice[]): number {
  return slices.reduce((sum, [count]) => sum + count, 0);
}

/**
 * Instructions a piece, as the slice in the middle took; NaN where nothing was done in any. Not the mean: a timer
 * interrupt inside a program counts as the program's, and at 5,000 instructions shows in the mean of 200 runs.
 */
export function toInstructions(slices: readonly Slice[]): number {
  return median(
    slices
      .filter(([count]) => count > 0)
      .map(([count, nanoseconds]) => nanoseconds / NS_PER_INSTRUCTION / count),
  );
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
