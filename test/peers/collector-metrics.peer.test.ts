/** The OTLP metric readers, and what is too large for its receiver, against a real Collector. */
import assert from "node:assert/strict";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { Destination } from "#exporters/contract.ts";
import { createOtlpGrpcLogDestination } from "#exporters/otlp/grpc-log-destination.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { createOtlpGrpcMetricReader } from "#exporters/otlp/grpc-metric-reader.ts";
import { createOtlpHttpMetricReader } from "#exporters/otlp/metric-reader.ts";
import { startCollector } from "./collector-process.ts";
import { peerTest } from "./peer-test.ts";
import { readLogs } from "./received-logs.ts";
import { startShipping } from "./shipping.ts";

const HOUR_MS = 3_600_000;

peerTest("collector", "metrics arrive by every protocol", async (context) => {
  const collector = await startCollector(context);
  const endpoint = `${collector.httpUrl}/v1/metrics`;
  const readers = {
    protobuf: createOtlpHttpMetricReader({ endpoint, intervalMs: HOUR_MS, compression: "gzip" }),
    json: createOtlpHttpMetricReader({ endpoint, intervalMs: HOUR_MS, encoding: "json" }),
    grpc: createOtlpGrpcMetricReader({
      endpoint: collector.grpcUrl,
      intervalMs: HOUR_MS,
      compression: "gzip",
    }),
  };
  for (const [name, reader] of Object.entries(readers)) {
    const resource = resourceFromAttributes({ "service.name": `kerntel-${name}` });
    const provider = new MeterProvider({ resource, readers: [reader] });
    provider
      .getMeter("kerntel")
      .createCounter("kerntel.oom.kills", { unit: "{process}" })
      .add(3, { event: "oom" });
    await provider.forceFlush();
    await provider.shutdown();
    const written = JSON.stringify(collector.readRequests().at(-1));
    assert.match(written, new RegExp(`"service.name","value":{"stringValue":"kerntel-${name}"}`));
    assert.match(
      written,
      /"name":"kerntel.oom.kills","unit":"{process}","sum":{"dataPoints":\[{.*"as(Int|Double)":"?3/,
    );
  }
});

const limits = { http: "max_request_body_size: 200000", grpc: "max_recv_msg_size_mib: 1" };
const kinds: readonly (readonly [
  title: string,
  reason: string,
  limitBytes: number,
  create: (url: { httpUrl: string; grpcUrl: string }) => Destination,
])[] = [
  [
    "gRPC",
    "grpc_resource_exhausted",
    1_048_576,
    ({ grpcUrl }) => createOtlpGrpcLogDestination({ endpoint: grpcUrl }),
  ],
  [
    "HTTP",
    "http_400",
    200_000,
    ({ httpUrl }) => createOtlpHttpLogDestination({ endpoint: `${httpUrl}/v1/logs` }),
  ],
];

for (const [title, reason, limitBytes, create] of kinds) {
  peerTest(
    "collector",
    `${title}: what is too large at once arrives in parts, and only what is too large alone is refused`,
    async (context) => {
      const collector = await startCollector(context, limits);
      const shipping = await startShipping(context, create(collector), { batchRecords: 200 });
      await shipping.store(200, (record, index) => {
        if (index === 50) return { ...record, body: "x".repeat(limitBytes + 1) };
        return { ...record, body: "y".repeat(limitBytes / 40) };
      });
      await shipping.settle();
      const { exported, rejected } = shipping.delivery.counts();
      assert.deepEqual([exported, rejected], [199, { [reason]: 1 }]);
      assert.equal(readLogs(collector.readRequests()).length, 199);
    },
  );
}
