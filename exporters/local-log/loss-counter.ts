/**
 * Counts what one reader misses of one segment, to the record where the segment is sealed: then it is known how many
 * there must be. Among what is damaged there may be resources, which are no records; and what a damaged file lost at its
 * end leaves no gap.
 */
export class LossCounter {
  readonly #report: (count: number) => void;
  #expected: number | undefined;
  #found = 0;
  #lost = 0;

  constructor(report: (count: number) => void) {
    this.#report = report;
  }

  get isExpecting(): boolean {
    return this.#expected !== undefined;
  }

  /** How many records there are, from where the reader began. */
  expect(count: number): void {
    this.#expected = count;
  }

  find(): void {
    this.#found += 1;
  }

  /** Documents that could not be read, or records whose resource could not. */
  lose(count: number): void {
    const most = (this.#expected ?? Infinity) - this.#found - this.#lost;
    const lost = Math.max(0, Math.min(count, most));
    this.#lost += lost;
    if (lost > 0) this.#report(lost);
  }

  /** Nothing more is to come: what was not found is lost. */
  end(): void {
    if (this.isExpecting) this.lose(Infinity);
  }
}
