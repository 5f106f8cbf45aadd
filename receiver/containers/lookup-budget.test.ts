import assert from "node:assert/strict";
import { test } from "node:test";
import { Cgroup } from "./cgroup.ts";
import { LookupBudget } from "./lookup-budget.ts";

function make(path: string, share?: string): Cgroup {
  const cgroup = new Cgroup(path);
  cgroup.share = share;
  return cgroup;
}

function takeAll(budget: LookupBudget, cgroup: Cgroup): number {
  let taken = 0;
  while (budget.take(cgroup)) taken++;
  return taken;
}

test("a user has 20 lookups in no second, whatever he makes and where", () => {
  let nowMs = 0;
  const budget = new LookupBudget(() => nowMs);
  const takenAtMs: number[] = [];
  for (; nowMs < 30_000; nowMs += 10)
    for (const path of ["/u/a/1", "/u/b/2", `/u/${nowMs}/x`])
      if (budget.take(make(path, "user /u"))) takenAtMs.push(nowMs);
  const mostInOneSecond = Math.max(
    ...takenAtMs.map((start) => takenAtMs.filter((at) => at >= start && at < start + 1_000).length),
  );
  assert.ok(mostInOneSecond <= 20, `${mostInOneSecond} in one second`);
  assert.ok(takenAtMs.length > 30 * 7, `${takenAtMs.length} in all`);
});

test("one directory uses up its own budget and no other's, and has it again later", () => {
  let nowMs = 0;
  const budget = new LookupBudget(() => nowMs);
  assert.equal(takeAll(budget, make("/docker/1")), 512);
  assert.equal(takeAll(budget, make("/docker/2")), 0);
  assert.equal(takeAll(budget, make("/kubepods/1")), 512);
  assert.equal(takeAll(budget, make("/docker/1/x", "user /docker/1")), 12);
  nowMs = 1_000;
  assert.equal(takeAll(budget, make("/docker/3")), 50);
});

test("the table of budgets is bounded, and what is in use is not forgotten", () => {
  const budget = new LookupBudget(() => 0);
  for (let parent = 0; parent < 5_000; parent++) {
    budget.take(make(`/parents/${parent}/x`));
    budget.take(make("/x", "user one"));
  }
  assert.equal(budget.size, 1_024);
  assert.equal(budget.take(make("/x", "user one")), false);
});
