/** What became of single log records, for those who have to know; all others only count. */
import type { OnSettled } from "../tracing/contract.ts";

type Outcome = Parameters<OnSettled>[0];

export class Settlements {
  /** By uid. Records are in it from their emission until the local log has them or has refused them. */
  readonly #expected = new Map<string, OnSettled>();
  #newestStored: string | undefined;

  /** Of the last record that was settled as stored; `undefined` before the first. */
  get newestStored(): string | undefined {
    return this.#newestStored;
  }

  expect(uid: string, onSettled: OnSettled): void {
    this.#expected.set(uid, onSettled);
  }

  /** To be called for every record, in the order of storing. */
  settle(uid: string | undefined, outcome: Outcome): void {
    if (uid === undefined) return;
    if (outcome === "stored") this.#newestStored = uid;
    if (this.#expected.size === 0) return;
    const onSettled = this.#expected.get(uid);
    this.#expected.delete(uid);
    onSettled?.(outcome);
  }
}
