/** How tenants share a limit (bpf/include/tenant-limit.h), by the kernel's own code, in a time that the test makes up. */
import assert from "node:assert/strict";
import { openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";
import { liveTest } from "#test/live/live-test.ts";
import { changeSettings } from "./kernel-settings.ts";
import { limitSettings } from "./limit.ts";

const object = new URL("../../test/provoke/limit-turns.bpf.o", import.meta.url);
const CONTAINER = 3n << 56n;
const SECOND_NS = 1_000_000_000;
const START_NS = 1_000 * SECOND_NS;
/** Simulated time goes on by this. */
const STEP_NS = 4_000_000;

interface Tenants {
  /** The first one; the others have the numbers behind it. */
  readonly first: bigint;
  readonly count: number;
  /** Tokens that each wants in a second, evenly. */
  readonly wanted: number;
  readonly fromSecond?: number;
}

/** A limit with nothing taken yet. */
class Limit implements Disposable {
  readonly perSecond: number;
  readonly #object: LoadedObject;
  readonly #isShared: boolean;

  constructor(perSecond: number, isShared = true) {
    this.perSecond = perSecond;
    this.#isShared = isShared;
    this.#object = openObject(object).load();
    changeSettings(this.#object, limitSettings(perSecond));
  }

  /** So many attempts of each of them, by turns; `offset` says who begins. */
  take(
    { first, count }: Tenants,
    attempts: number,
    time: { atNs: number; everyNs: number; offset?: number },
  ): void {
    const { atNs, everyNs, offset = 0 } = time;
    const words = [first, count, atNs, everyNs, attempts, offset, this.#isShared];
    const context = new Uint8Array(BigUint64Array.from(words.map(BigInt)).buffer);
    this.#object.program("take").run({ context });
  }

  granted(tenant: bigint): number {
    return Number(this.#object.map("granted").lookup(tenant) ?? 0n);
  }

  /** Of all tenants. */
  get total(): number {
    return [...this.#object.map("granted").values()].reduce<number>(
      (total, count) => total + Number(count),
      0,
    );
  }

  suppressed(tenant: bigint): number {
    return Number(this.#object.map("suppressed_tenants").lookup(tenant) ?? 0n);
  }

  /** Simulated time goes on by `seconds`; each second it is asserted that no more was granted than the machine's limit allows. */
  run(groups: readonly Tenants[], seconds: number, fromSecond = 0): void {
    const steps = SECOND_NS / STEP_NS;
    for (let step = fromSecond * steps; step < (fromSecond + seconds) * steps; step++) {
      for (const group of groups) if (step >= (group.fromSecond ?? 0) * steps) this.#step(group, step);
      if ((step + 1) % steps !== 0) continue;
      const most = this.perSecond * (1 + ((step + 1) * STEP_NS) / SECOND_NS) + 1;
      assert.ok(
        this.total <= most,
        `${this.total} after ${step + 1} steps; the machine's limit allows ${most}`,
      );
    }
  }

  #step(group: Tenants, step: number): void {
    const due = (at: number): number => Math.floor((at * group.wanted * STEP_NS) / SECOND_NS);
    const attempts = due(step + 1) - due(step);
    if (attempts === 0) return;
    // The last attempt of each ends the step: a later group's must not be earlier than one that was answered.
    const everyNs = Math.floor(STEP_NS / attempts);
    const atNs = START_NS + (step + 1) * STEP_NS - (attempts - 1) * everyNs;
    this.take(group, attempts, { atNs, everyNs, offset: step % group.count });
  }

  [Symbol.dispose](): void {
    this.#object.close();
  }
}

const victim: Tenants = { first: CONTAINER | 7n, count: 1, wanted: 3 };

function flood(count: number, wanted: number): Tenants {
  return { first: CONTAINER | 1_000n, count, wanted };
}

function numbersOf({ first, count }: Tenants): bigint[] {
  return Array.from({ length: count }, (_, index) => first + BigInt(index));
}

liveTest("a tenant that is alone gets the whole rate", (context) => {
  for (const perSecond of [1, 10, 100]) {
    using limit = new Limit(perSecond);
    const alone = flood(1, 2_000);
    limit.run([alone], 1);
    const atFirst = limit.granted(alone.first);
    limit.run([alone], 4, 1);
    const before = limit.granted(alone.first);
    limit.run([alone], 15, 5);
    const steady = (limit.granted(alone.first) - before) / 15 / perSecond;
    context.diagnostic(
      `limit ${perSecond}/s: ${atFirst} in the first second, later ${(steady * 100).toFixed(1)} %`,
    );
    assert.ok(steady > 0.95 && steady <= 1.01, `${steady}`);
    assert.equal(limit.suppressed(alone.first), 20 * 2_000 - limit.granted(alone.first));
  }
});

liveTest("beside a tenant that floods, 36 records of another one are all described", (context) => {
  const got = [false, true].map((isShared) => {
    using limit = new Limit(100, isShared);
    // The flood comes first in each step: it finds every token that has become free.
    limit.run([flood(1, 2_000), { ...victim, fromSecond: 3 }], 15);
    return limit.granted(victim.first);
  });
  context.diagnostic(
    `36 records, 3 a second, beside 2,000: with one bucket ${got[0]}, with shares ${got[1]}`,
  );
  assert.deepEqual(got, [0, 36]);
});

liveTest("a tenant that took nothing lately finds a burst free for it", (context) => {
  for (const [perSecond, least] of [
    [10, 2],
    [100, 20],
    [1_000, 200],
  ] as const) {
    using limit = new Limit(perSecond);
    limit.run([flood(1, perSecond * 20)], 5);
    limit.take(victim, perSecond, { atNs: START_NS + 5 * SECOND_NS, everyNs: 1 });
    const got = limit.granted(victim.first);
    context.diagnostic(`limit ${perSecond}/s: ${got} at once`);
    assert.ok(got >= least, `${got} of a limit of ${perSecond}`);
  }
});

liveTest("of several that flood each gets its part, and one that wants little gets it", (context) => {
  for (const count of [2, 4, 10, 40]) {
    using limit = new Limit(100);
    const floods = flood(count, 500);
    const read = (): number[] => numbersOf(floods).map((number) => limit.granted(number));
    limit.run([floods], 5);
    const before = read();
    limit.run([floods, { ...victim, wanted: 1 }], 10, 5);
    const parts = read().map((granted, index) => (granted - (before[index] ?? 0)) / 10);
    const [least, most, got] = [Math.min(...parts), Math.max(...parts), limit.granted(victim.first)];
    context.diagnostic(
      `${count} of 500/s: ${least} to ${most} of ${100 / count} a second; the one of 1/s ${got} of 10`,
    );
    assert.equal(got, 10);
    assert.ok(least > (100 / count) * 0.5, `the least of ${count} got ${least} a second`);
    assert.ok(most < (100 / count) * 1.5, `the most of ${count} got ${most} a second`);
  }
});

liveTest("a thousand tenants, more than are remembered, keep to the limit and use all of it", (context) => {
  using limit = new Limit(100);
  limit.run([flood(1_000, 50)], 5);
  context.diagnostic(`1,000 tenants: ${limit.total} in 5 s`);
  assert.ok(limit.total >= 0.95 * 5 * 100, `${limit.total}`);
});
