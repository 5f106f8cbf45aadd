/** A user who makes cgroups as fast as the kernel can: neither memory nor a runtime nor a real container suffers from it. */
import assert from "node:assert/strict";
import { chownSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { findHierarchies, findTaskHierarchy, walkCgroups } from "#receiver/containers/walk-cgroups.ts";
import { isDisposable } from "../live/kernel-note.ts";
import { liveTest } from "../live/live-test.ts";
import { RunningKerntel, readMetric } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { attackByCgroupChurn, checkChurn } from "./cgroup-churn.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

/** The long form takes 25 s: `make prove PART=hostile`. */
const DURATION_MS = isDisposable ? 10_000 : 5_000;

for (const form of ["removed at once", "kept for a second"] as const)
  liveTest(
    `cgroups that a user makes in great numbers, each ${form}, cost little and hide no container`,
    async (context) => {
      const figures = await attackByCgroupChurn({ durationMs: DURATION_MS, form });
      context.diagnostic(checkChurn(figures));
      const suppressed = readMetric(figures.metrics, "kerntel_cgroup_suppressed_changes_total").get("") ?? 0;
      const skipped = readMetric(figures.metrics, "kerntel_container_skipped_lookups_total");
      context.diagnostic(
        `${suppressed} changes suppressed, lookups skipped: ${JSON.stringify(Object.fromEntries(skipped))}`,
      );
      assert.ok(suppressed > 0);
      assert.equal(readMetric(figures.metrics, "kerntel_cgroup_lost_changes_total").get(""), 0);
    },
  );

/** 80 directories in each other, and 40 in each of them; `$1` is the user's own. Prints how long it took. */
const nest = `
import { mkdirSync, rmdirSync } from "node:fs";
const start = performance.now();
const chain = [process.argv[1]];
while (chain.length <= 80) {
  chain.push(chain.at(-1) + "/" + chain.length);
  mkdirSync(chain.at(-1));
}
for (const directory of chain) {
  const made = Array.from({ length: 40 }, (_, index) => directory + "/x" + index);
  for (const each of made) mkdirSync(each);
  for (const each of made) rmdirSync(each);
}
for (const directory of chain.slice(1).toReversed()) rmdirSync(directory);
console.log(performance.now() - start);
`;
const NESTED = 80 + 81 * 40;

liveTest("a user has one budget of reports, however deep the directories are", async (context) => {
  await using user = await UnprivilegedUser.enter();
  await using kerntel = await RunningKerntel.start({ events: "      oom: {}" });
  const { code, out, err } = await user.node(nest, {
    args: [user.cgroup("memory").directory],
    limitMs: 30_000,
  }).ended;
  assert.equal(code, 0, err);
  const read = async (name: string): Promise<number> =>
    readMetric(await kerntel.metrics(), `kerntel_cgroup_${name}`).get("") ?? 0;
  const suppressed = await waitUntil("the changes to be counted", async () => {
    const count = await read("suppressed_changes_total");
    return count > 0 ? count : undefined;
  });
  // One for what is up to 64 deep, one for all below; each 256 at once, and 50 a second. Of those the removal is reported too,
  // and as many removals of what may have been there before.
  const most = 2 * 3 * (256 + 50 * (Number(out) / 1_000 + 1));
  context.diagnostic(
    `${2 * NESTED} changes in ${Number(out).toFixed(0)} ms, ${suppressed} suppressed, at most ${most.toFixed(0)} reported`,
  );
  assert.ok(2 * NESTED - suppressed <= most, `${2 * NESTED - suppressed} reported`);
  assert.equal(await read("lost_changes_total"), 0);
});

liveTest("a walk reads a bounded part of what a user made, and all that root made", async () => {
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/user`);
  const roots = join(cgroup.directory, "../a-last-one-of-roots");
  mkdirSync(roots);
  chownSync(cgroup.directory, 65_534, 65_534);
  const made = Array.from({ length: 20 }, (_, index) => join(cgroup.directory, `${index}`));
  for (const directory of made) mkdirSync(directory);
  try {
    const task = findTaskHierarchy();
    const hierarchy = findHierarchies(task).find(({ number }) => number === task);
    assert.ok(hierarchy);
    const found: string[] = [];
    const hasMore = await walkCgroups(hierarchy, ({ path }) => found.push(path), {
      all: 10_000,
      belowDelegate: 5,
    });
    assert.equal(hasMore, true);
    assert.equal(found.filter((path) => path.startsWith(`${cgroup.path}/`)).length, 5);
    assert.ok(found.includes(`/kerntel-test-${process.pid}/a-last-one-of-roots`));
    const few: string[] = [];
    assert.equal(
      await walkCgroups(hierarchy, ({ path }) => few.push(path), { all: 3, belowDelegate: 5 }),
      true,
    );
    assert.equal(few.length, 1 + 3);
  } finally {
    for (const directory of made) rmdirSync(directory);
    rmdirSync(roots);
  }
});
