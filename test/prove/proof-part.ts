/** One proof: cases that are repeated until a figure stands on many runs and not on a lucky one. */

/** What one repetition counted, by name, for instance `{ inputs: 50_000, refused: 1_204 }`. */
export type ProofCounts = Readonly<Record<string, number>>;

export interface ProofCase {
  readonly name: string;
  /** Of the long form; tests run the first two. */
  readonly repetitions: number;
  /**
   * What the same work found before what is proved here was built. Where a case has it, the table shows the largest of
   * each count instead of sums, beside this sentence.
   */
  readonly before?: string;
  /**
   * `repetition` counts from 0 and is the only source of chance: the same number repeats the same run. Throws where what is
   * to be proved does not hold.
   */
  run(repetition: number): ProofCounts | Promise<ProofCounts>;
}

export interface ProofPart {
  /** As in `make prove PART=<name>`, and the name of its table. */
  readonly name: string;
  /** What the table proves, as one sentence. */
  readonly claim: string;
  readonly cases: readonly ProofCase[];
}
