/** A user makes up container ids: none becomes a series, and a real container that comes then has its own. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { liveTest } from "../live/live-test.ts";
import { readMetric } from "../live/running-kerntel.ts";
import type { RunningKerntel } from "../live/running-kerntel.ts";
import { shareKerntel } from "../live/shared-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { provokeMemcgReclaim } from "#events/memreclaim/provoke.ts";
import { makeUpContainers } from "./forged-names.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

/** 1,025, which fill the table of the BPF program, take a minute. */
const COUNT = 250;
const LIMIT_BYTES = 16 * 1024 * 1024;
const DURATION = "kerntel_memreclaim_duration_seconds_count";

const countWaits = (text: string, id: string): number => {
  const counts = [...readMetric(text, DURATION)].filter(([labels]) => labels.includes(id));
  return counts.reduce((sum, [, count]) => sum + count, 0);
};

const countLines = (text: string): number => text.split("\n").length;

async function readUsage(kerntel: RunningKerntel): Promise<number> {
  return readMetric(await kerntel.metrics(), "kerntel_container_series_usage").get("") ?? 0;
}

liveTest(
  `${COUNT} made-up containers are no series, and a real one that comes then has its own`,
  async (context) => {
    const kerntel = await shareKerntel("      memreclaim: { threshold_ms: 86400000, limit_per_second: 0 }");
    await using user = await UnprivilegedUser.enter();
    const [usage, before] = [await readUsage(kerntel), await kerntel.metrics()];
    const made = await makeUpContainers(user, COUNT);
    assert.equal(made.length, COUNT);
    const text = await waitUntil("the waits of the user to be counted", async () => {
      const now = await kerntel.metrics();
      const waits = countWaits(now, "memcg") - countWaits(before, "memcg");
      return waits >= COUNT ? now : undefined;
    });
    assert.deepEqual(
      made.filter((id) => text.includes(id)),
      [],
    );
    assert.equal(await readUsage(kerntel), usage);

    const id = randomBytes(32).toString("hex");
    await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/docker/${id}`, LIMIT_BYTES);
    await provokeMemcgReclaim(cgroup, 2 * LIMIT_BYTES);
    const after = await kerntel.metrics();
    assert.ok(countWaits(after, id) > 0);
    assert.equal(
      [...readMetric(after, DURATION).keys()].filter((labels) => labels.includes("overflow")).length,
      0,
    );
    assert.equal(await readUsage(kerntel), usage + 1);
    context.diagnostic(
      `${COUNT} made-up containers: ${countLines(before)} lines of /metrics → ${countLines(after)}`,
    );
  },
);
