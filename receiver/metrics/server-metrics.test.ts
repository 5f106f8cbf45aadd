import assert from "node:assert/strict";
import { test } from "node:test";
import { closeReasons, ConnectionCounts } from "#exporters/connection-counts.ts";
import { scope } from "../scope.ts";
import { ServerMetrics } from "./server-metrics.ts";

test("open connections are counted by server, and those that it ended by server and reason, from nought on", async () => {
  const servers = { prometheus: new ConnectionCounts(), control: new ConnectionCounts() };
  servers.prometheus.open = 3;
  servers.control.count("write_timeout");
  servers.control.count("write_timeout");
  const { resourceMetrics } = await new ServerMetrics(servers, scope).collect();
  const [open, closed] = (resourceMetrics.scopeMetrics[0]?.metrics ?? []).map(({ dataPoints }) =>
    dataPoints.map(({ attributes, value }) => [...Object.values(attributes), value]),
  );
  assert.deepEqual(open, [
    ["prometheus", 3],
    ["control", 0],
  ]);
  assert.equal(closed?.length, 2 * closeReasons.length);
  assert.deepEqual(
    closed.filter((point) => point.at(-1) !== 0),
    [["control", "write_timeout", 2]],
  );
});
