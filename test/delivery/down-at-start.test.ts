/** Destinations that are down: at the start, for an hour, one beside another. What waits is sent, and nothing twice. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createElasticsearchDestination } from "#exporters/elasticsearch/destination.ts";
import { createOtlpGrpcLogDestination } from "#exporters/otlp/grpc-log-destination.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { findFreePort } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { startReceiver } from "./faulty-receiver.ts";
import { createSink, Line } from "./line.ts";

test("with every destination down the line starts, stores, and catches up when they come", async (context) => {
  const ports = [await findFreePort(), await findFreePort(), await findFreePort()] as const;
  const endpoints = ports.map((port) => `http://127.0.0.1:${port}`);
  const destinations = [
    createElasticsearchDestination({ endpoints: [endpoints[0] ?? ""] }),
    createOtlpHttpLogDestination({ endpoint: `${endpoints[1]}/v1/logs`, timeoutMs: 500 }),
    createOtlpGrpcLogDestination({ endpoint: endpoints[2] ?? "" }),
  ];
  const line = await Line.start(context, destinations, {
    delivery: { batchRecords: 100, memoryRecords: 200 },
  });
  line.offer(1000);
  for (const delivery of line.deliveries)
    await waitUntil(`${delivery.name} to be tried`, () => delivery.counts().retries > 0 || undefined);
  await line.writer.flush(30_000);
  line.checkBooks();
  for (const delivery of line.deliveries) assert.equal(delivery.counts().pending, 1000);

  const receivers = [
    await startReceiver(context, { kind: "elasticsearch", port: ports[0] }),
    await startReceiver(context, { kind: "otlp_http", port: ports[1] }),
    await startReceiver(context, { kind: "otlp_grpc", port: ports[2] }),
  ];
  await line.settle();
  for (const [index, delivery] of line.deliveries.entries()) {
    assert.deepEqual([delivery.counts().exported, delivery.counts().rejected], [1000, {}]);
    assert.deepEqual(
      receivers[index]?.taken,
      line.stored.map(({ attributes }) => attributes["log.record.uid"]),
    );
  }
});

test("what came in an hour without a destination arrives in order, from the disk, once", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-hour-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  // A second of the hour is a record here; the whole of it at 100 a second is in the benchmark.
  let nowMs = 1_780_000_000_000;
  const [late, prompt] = [createSink("late", true), createSink("prompt")];
  const line = await Line.start(context, [late, prompt], {
    directory,
    now: () => nowMs,
    log: {
      clocks: () => ({ bootId: "one", bootMs: nowMs, wallMs: nowMs }),
      segmentAgeMs: 600_000,
      segmentBytes: 1 << 20,
    },
    delivery: { batchRecords: 250, memoryRecords: 500 },
  });
  for (let second = 0; second < 3600; second++) {
    nowMs += 1000;
    line.offer(1);
    if (second % 100 === 0) await line.writer.flush(30_000);
  }
  await line.settle(line.deliveries.slice(1));
  assert.equal(line.deliveries[0]?.counts().pending, 3600);
  assert.equal(line.deliveries[1]?.counts().exported, 3600);
  late.isDown = false;
  line.offer(50);
  await line.settle();
  for (const { taken } of [late, prompt])
    assert.deepEqual(
      taken,
      Array.from({ length: 3650 }, (_, index) => index + 1),
    );
});
