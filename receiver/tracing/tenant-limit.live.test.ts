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
/** Simulated time goes on by this. */
const STEP_NS = 4_000_000;

interface Tenant {
  readonly number: bigint;
  /** Tokens it wants in a second; each step's share of it at once, evenly. */
  readonly wanted: number;
  readonly fromSecond?: number;
}

/** A limit with nothing taken yet. */
class Limit implements Disposable {
  readonly perSecond: number;
  readonly #object: LoadedObject;
  readonly #program: string;

  constructor(perSecond: number, program: "take_shared" | "take_unshared" = "take_shared") {
    this.perSecond = perSecond;
    this.#program = program;
    this.#object = openObject(object).load();
    changeSettings(this.#object, limitSettings(perSecond));
  }

  /** How many of so many attempts were granted. */
  take(
    tenant: bigint,
    attempts: number,
    { atNs, everyNs }: { readonly atNs: number; readonly everyNs: number },
  ): number {
    const context = new Uint8Array(40);
    const view = new DataView(context.buffer);
    let granted = 0;
    for (let done = 0; done < attempts; done += 64) {
      const words = [
        tenant,
        BigInt(atNs + done * everyNs),
        BigInt(everyNs),
        BigInt(Math.min(64, attempts - done)),
        0n,
      ];
      for (const [index, word] of words.entries()) view.setBigUint64(index * 8, word, true);
      this.#object.program(this.#program).run({ context });
      granted += Number(view.getBigUint64(32, true));
    }
    return granted;
  }

  suppressed(tenant: bigint): number {
    return Number(this.#object.map("suppressed_tenants").lookup(tenant) ?? 0n);
  }

  /** What each tenant got, by tenant and second. The last one named comes last in each step, the others by turns. */
  run(tenants: readonly Tenant[], seconds: number): Map<bigint, number[]> {
    const granted = new Map(tenants.map(({ number }) => [number, Array.from({ length: seconds }, () => 0)]));
    let total = 0;
    const stepsPerSecond = SECOND_NS / STEP_NS;
    for (let step = 0; step < seconds * stepsPerSecond; step++) {
      const second = Math.floor(step / stepsPerSecond);
      const turn = step % Math.max(1, tenants.length - 1);
      const others = tenants.slice(0, -1);
      for (const { number, wanted, fromSecond = 0 } of [
        ...others.slice(turn),
        ...others.slice(0, turn),
        ...tenants.slice(-1),
      ]) {
        if (second < fromSecond) continue;
        const due = (at: number): number => Math.floor((at * wanted) / stepsPerSecond);
        const attempts = due(step + 1) - due(step);
        if (attempts === 0) continue;
        // The last attempt of each ends the step: a later tenant's must not be earlier than one that was answered.
        const everyNs = Math.floor(STEP_NS / attempts);
        const atNs = 1_000 * SECOND_NS + (step + 1) * STEP_NS - (attempts - 1) * everyNs;
        const got = this.take(number, attempts, { atNs, everyNs });
        const bySecond = granted.get(number) ?? [];
        bySecond[second] = (bySecond[second] ?? 0) + got;
        total += got;
      }
      const most = this.perSecond * (1 + ((step + 1) * STEP_NS) / SECOND_NS) + 1;
      assert.ok(total <= most, `${total} after ${step + 1} steps; the machine's limit allows ${most}`);
    }
    return granted;
  }

  [Symbol.dispose](): void {
    this.#object.close();
  }
}

function sum(counts: readonly number[] | undefined): number {
  return (counts ?? []).reduce((total, count) => total + count, 0);
}

const flood = (index: number, wanted = 2_000): Tenant => ({
  number: CONTAINER | BigInt(1_000 + index),
  wanted,
});

liveTest("a tenant that is alone gets the whole rate", (context) => {
  for (const perSecond of [1, 10, 100]) {
    using limit = new Limit(perSecond);
    const bySecond = limit.run([flood(0)], 20).get(flood(0).number);
    const steady = sum(bySecond?.slice(5)) / 15 / perSecond;
    context.diagnostic(
      `limit ${perSecond}/s: ${bySecond?.[0]} in the first second, then ${(steady * 100).toFixed(1)} %`,
    );
    assert.ok(steady > 0.95 && steady <= 1.01, `${steady}`);
    assert.equal(limit.suppressed(flood(0).number), 20 * 2_000 - sum(bySecond));
  }
});

liveTest("beside a tenant that floods, 36 records of another one are all described", (context) => {
  const victim: Tenant = { number: CONTAINER | 7n, wanted: 3, fromSecond: 3 };
  const got = (["take_unshared", "take_shared"] as const).map((program) => {
    using limit = new Limit(100, program);
    // The flood comes first in each step: it finds every token that has become free.
    return sum(limit.run([flood(0), victim], 15).get(victim.number));
  });
  context.diagnostic(`36 records of 3/s beside 2,000/s: one bucket ${got[0]}, shares ${got[1]}`);
  assert.deepEqual(got, [0, 36]);
});

liveTest("a tenant that took nothing lately finds a burst free for it", (context) => {
  for (const [perSecond, least] of [
    [10, 2],
    [100, 20],
    [1_000, 200],
  ] as const) {
    using limit = new Limit(perSecond);
    limit.run([flood(0, perSecond * 20)], 5);
    const atNs = 1_005 * SECOND_NS;
    const got = limit.take(CONTAINER | 7n, perSecond, { atNs, everyNs: 1 });
    context.diagnostic(`limit ${perSecond}/s: ${got} at once`);
    assert.ok(got >= least, `${got} of a limit of ${perSecond}`);
  }
});

liveTest("of several that flood each gets its part, and one that wants little gets it", (context) => {
  for (const count of [2, 4, 10, 40]) {
    using limit = new Limit(100);
    const floods = Array.from({ length: count }, (_, index) => flood(index, 500));
    const victim: Tenant = { number: CONTAINER | 7n, wanted: 1, fromSecond: 5 };
    const granted = limit.run([...floods, victim], 15);
    const parts = floods.map(({ number }) => sum(granted.get(number)?.slice(5)) / 10);
    const [least, most] = [Math.min(...parts), Math.max(...parts)];
    const got = sum(granted.get(victim.number));
    context.diagnostic(
      `${count} of 500/s: ${least} to ${most} of ${100 / count} a second each; the one with 1/s ${got} of 10`,
    );
    assert.equal(got, 10);
    assert.ok(least > (100 / count) * 0.5, `the least of ${count} got ${least} a second`);
    assert.ok(most < (100 / count) * 1.5, `the most of ${count} got ${most} a second`);
  }
});

liveTest(
  "a thousand tenants, more than are remembered, keep to the machine's limit and use all of it",
  (context) => {
    using limit = new Limit(100);
    const crowd = Array.from({ length: 1_000 }, (_, index) => flood(index, 50));
    const total = [...limit.run(crowd, 5).values()].reduce((all, bySecond) => all + sum(bySecond), 0);
    context.diagnostic(`1,000 tenants: ${total} in 5 s`);
    assert.ok(total >= 0.95 * 5 * 100, `${total}`);
  },
);
