/** A user who makes network namespaces: the table keeps whose the others are, and the user's own are bounded and counted. */
import assert from "node:assert/strict";
import { isDisposable } from "../live/kernel-note.ts";
import { liveTest } from "../live/live-test.ts";
import { readMetric } from "../live/running-kerntel.ts";
import { attackByNamespaceChurn } from "./namespace-churn.ts";

/** The long form makes more than the table has room for: `make prove PART=hostile`. */
const DURATION_MS = isDisposable ? 10_000 : 6_000;
/** Of one user; the container's own, and what else runs on this machine. */
const MOST_KNOWN = 256 + 32;

liveTest("network namespaces that a user makes in great numbers hide no container's", async (context) => {
  const { made, containerId, before, after, metrics } = await attackByNamespaceChurn({
    durationMs: DURATION_MS,
  });
  const known = readMetric(metrics, "kerntel_network_namespace_known").get("") ?? 0;
  const evicted =
    readMetric(metrics, "kerntel_table_evictions_total").get('{kerntel_table_name="network_namespaces"}') ??
    0;
  const suppressed = readMetric(metrics, "kerntel_cgroup_suppressed_changes_total").get("") ?? 0;
  context.diagnostic(`${made} namespaces made: ${known} known, ${evicted} evicted, ${suppressed} suppressed`);
  assert.deepEqual([before, after], [containerId, containerId]);
  assert.ok(made <= 256 || evicted + suppressed >= made - MOST_KNOWN, "what is not known was counted");
  assert.ok(known <= MOST_KNOWN, `${known} known`);
});
