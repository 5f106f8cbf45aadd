import assert from "node:assert/strict";
import { test } from "node:test";
import { bundledPath, sourcePath } from "./bundled-path.ts";

test("a bundled module tells which file it was made of", () => {
  const source = "events/net_rx_latency/net-rx-latency.live.test.ts";
  assert.equal(bundledPath(source), "build/guest/events--net_rx_latency--net-rx-latency.live.test.js");
  assert.equal(sourcePath(bundledPath(source)), source);
  assert.equal(sourcePath(`/kerntel/${bundledPath(source)}`), source);
});
