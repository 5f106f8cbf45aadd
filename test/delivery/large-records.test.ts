/** Records that are large together, and one that is too large alone: requests stay bounded, and nothing is tried for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createDestination, protocols } from "./create-destination.ts";
import { startReceiver } from "./faulty-receiver.ts";
import type { Protocol } from "./faulty-receiver.ts";
import { Line } from "./line.ts";

const LABEL = "x".repeat(1_200_000);
const RECORDS = 24;
const LIMIT_BYTES: Readonly<Record<Protocol, number>> = {
  elasticsearch: 10_485_760,
  otlp_http: 20_971_520,
  otlp_grpc: 4_194_304,
};

for (const kind of protocols) {
  void test(`${kind}: a batch of large records is divided by bytes, and a record over the limit is rejected`, async (context) => {
    const sizes: number[] = [];
    const receiver = await startReceiver(context, {
      kind,
      answer: (_attempt, _uids, sizeBytes) => {
        sizes.push(sizeBytes);
        return { kind: "take" };
      },
    });
    const line = await Line.start(context, [createDestination[kind](receiver.url, 30_000)], {
      delivery: { batchRecords: 500, batchDelayMs: 500 },
    });
    line.offer(RECORDS, { attributes: { "container.label.large": LABEL } });
    line.offer(1, { attributes: { "container.label.large": "y".repeat(22_000_000) } });
    await line.settle();
    const counts = line.deliveries[0]?.counts();
    assert.equal(line.stored.length, RECORDS + 1);
    assert.deepEqual(counts?.rejected, { max_request_size: 1 });
    assert.equal(counts.exported, RECORDS);
    assert.ok(Math.max(...sizes) <= LIMIT_BYTES[kind], `${Math.max(...sizes)} bytes in one request`);
  });
}
