/** The OTLP destinations against a real Collector: what it wrote is read back and compared. */
import assert from "node:assert/strict";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { readUid } from "#exporters/contract.ts";
import type { Destination } from "#exporters/contract.ts";
import { createOtlpGrpcLogDestination } from "#exporters/otlp/grpc-log-destination.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { createSampleRecord, SAMPLE_CONTAINER_ID } from "#exporters/sample-record.ts";
import { SCHEMA_URL } from "#receiver/scope.ts";
import { waitUntil } from "../live/wait-until.ts";
import { startCollector } from "./collector-process.ts";
import type { Collector } from "./collector-process.ts";
import { peerTest } from "./peer-test.ts";
import { readLogs } from "./received-logs.ts";
import type { ReceivedLog } from "./received-logs.ts";
import { startShipping } from "./shipping.ts";

const kinds: readonly (readonly [title: string, create: (collector: Collector) => Destination])[] = [
  [
    "HTTP/protobuf",
    ({ httpUrl }) => createOtlpHttpLogDestination({ endpoint: `${httpUrl}/v1/logs`, compression: "gzip" }),
  ],
  [
    "HTTP/JSON",
    ({ httpUrl }) => createOtlpHttpLogDestination({ endpoint: `${httpUrl}/v1/logs`, encoding: "json" }),
  ],
  ["gRPC", ({ grpcUrl }) => createOtlpGrpcLogDestination({ endpoint: grpcUrl, compression: "gzip" })],
];

function readUids(logs: readonly ReceivedLog[]): unknown[] {
  return logs.map(({ attributes }) => attributes["log.record.uid"]);
}

for (const [title, create] of kinds) {
  peerTest(
    "collector",
    `${title}: every record is written by the Collector as it was stored`,
    async (context) => {
      const collector = await startCollector(context);
      const shipping = await startShipping(context, create(collector));
      const { attributes: about } = createSampleRecord("").resource;
      const resource = resourceFromAttributes(about, { schemaUrl: SCHEMA_URL });
      const records = await shipping.store(700, (record, index) => ({
        ...record,
        resource,
        instrumentationScope: { ...record.instrumentationScope, schemaUrl: SCHEMA_URL },
        attributes: { ...record.attributes, "kerntel.boot.time": 86_461.123456789 + index },
        ...(index % 2 === 1 && { body: `Record ${index}: ä€𐍈`, severityNumber: 17 }),
      }));
      await shipping.settle();
      assert.equal(shipping.delivery.counts().exported, 700);
      const logs = readLogs(collector.readRequests());
      assert.deepEqual(readUids(logs), records.map(readUid));
      for (const [index, log] of logs.entries()) {
        const { attributes, ...rest } = log;
        assert.deepEqual(rest, {
          resource: { "container.id": SAMPLE_CONTAINER_ID, "host.name": "node-1" },
          scope: "kerntel 0.1.0",
          schemaUrls: [SCHEMA_URL, SCHEMA_URL],
          timeUnixNano: `${1_780_000_000 + index}123456789`,
          observedTimeUnixNano: "1780000000123999001",
          severityNumber: index % 2 === 0 ? 13 : 17,
          eventName: "kerntel.dropwatch",
          body: records[index]?.body,
        });
        assert.deepEqual(attributes, records[index]?.attributes);
      }
    },
  );

  peerTest(
    "collector",
    `${title}: a Collector killed in the middle of a load misses nothing`,
    async (context) => {
      const collector = await startCollector(context);
      const shipping = await startShipping(context, create(collector), {
        batchRecords: 100,
        memoryRecords: 300,
      });
      const { delivery } = shipping;
      const uids = new Set<unknown>();
      const load = async (): Promise<void> => {
        for (let batch = 0; batch < 8; batch++)
          for (const record of await shipping.store(250)) uids.add(readUid(record));
      };
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const before = delivery.counts();
        await load();
        await waitUntil("some to arrive", () => delivery.counts().exported > before.exported || undefined);
        await collector.stop(signal);
        await load();
        await waitUntil("attempts to fail", () => delivery.counts().retries > before.retries || undefined);
        shipping.checkBooks();
        await collector.start();
      }
      await shipping.settle();
      assert.deepEqual([delivery.counts().exported, delivery.counts().rejected], [8000, {}]);
      const written = new Set(readUids(readLogs(collector.readRequests())));
      assert.deepEqual(uids.difference(written), new Set());
      assert.deepEqual(written.difference(uids), new Set());
    },
  );
}
