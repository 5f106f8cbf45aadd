/** Durations that a kernel half counted with bpf/include/histogram.h, as points of a histogram in seconds. */
import type { HistogramValue } from "./metric.ts";

/** `struct duration_histogram`, summed. */
export interface DurationHistogram {
  readonly buckets: readonly number[];
  readonly sum: number;
}

/** Seconds; DURATION_BUCKETS of the header is one more. */
const BOUNDARIES = Array.from({ length: 26 }, (_, index) => 2 ** index / 1e6);

export function toHistogramValue({ buckets, sum }: DurationHistogram): HistogramValue {
  return { boundaries: BOUNDARIES, counts: buckets, sum: sum / 1e9 };
}
