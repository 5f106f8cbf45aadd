import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { SendResult } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";
import { createOtlpHttpLogDestination, type OtlpHttpLogOptions } from "./log-destination.ts";
import { createOtlpHttpMetricReader } from "./metric-reader.ts";
import { readRetryAfterMs } from "./response-watch.ts";

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const servers: Server[] = [];
const UID = "01JZQ5T6W0ABCDEFGHJKMNPQRS";

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function startReceiver(
  answer: Answer | "hang" = { status: 200 },
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
      if (answer !== "hang") response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function sendOnce(options: OtlpHttpLogOptions, count = 2): Promise<SendResult> {
  const destination = createOtlpHttpLogDestination({ timeoutMs: 500, ...options });
  const records = Array.from({ length: count }, () => createSampleRecord(UID));
  const result = await destination.send(records, new AbortController().signal);
  await destination.shutdown();
  return result;
}

test("records arrive as OTLP JSON, grouped by resource, with times to the nanosecond", async () => {
  const { url, received } = await startReceiver();
  const headers = { authorization: "Bearer secret" };
  const result = await sendOnce({
    endpoint: `${url}/in/v1/logs`,
    encoding: "json",
    compression: "gzip",
    headers,
  });
  assert.deepEqual(result, { kind: "delivered" });
  const [request] = received;
  assert.ok(request);
  assert.equal(request.url, "/in/v1/logs");
  assert.equal(request.headers["content-type"], "application/json");
  assert.equal(request.headers["content-encoding"], "gzip");
  assert.equal(request.headers.authorization, "Bearer secret");
  const { resourceLogs } = JSON.parse(gunzipSync(request.body).toString()) as {
    resourceLogs: { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[];
  };
  assert.equal(resourceLogs.length, 1);
  const records = resourceLogs[0]?.scopeLogs[0]?.logRecords ?? [];
  assert.equal(records.length, 2);
  assert.equal(records[0]?.["timeUnixNano"], "1780000000123456789");
  assert.equal(records[0]?.["eventName"], "kerntel.dropwatch");
  assert.equal(records[0]?.["severityNumber"], 13);
});

test("protobuf is the default encoding", async () => {
  const { url, received } = await startReceiver();
  await sendOnce({ endpoint: `${url}/v1/logs` });
  assert.equal(received[0]?.headers["content-type"], "application/x-protobuf");
  assert.ok(received[0]?.body.includes(UID));
});

test("answers become results", async () => {
  const cases: readonly (readonly [Answer, SendResult])[] = [
    [
      { status: 400, body: "bad" },
      { kind: "rejected", reason: "http_400", count: 2, message: "bad" },
    ],
    [
      { status: 401, body: "who?" },
      { kind: "rejected", reason: "http_401", count: 2, message: "who?" },
    ],
    [
      { status: 413, body: "big" },
      { kind: "rejected", reason: "http_413", count: 2, message: "big" },
    ],
    [
      { status: 500, body: "broken" },
      { kind: "rejected", reason: "http_500", count: 2, message: "broken" },
    ],
    [{ status: 503 }, { kind: "retry", reason: "http_503" }],
    [
      { status: 429, headers: { "retry-after": "7" } },
      { kind: "retry", reason: "http_429", retryAfterMs: 7000 },
    ],
    [{ status: 202 }, { kind: "delivered" }],
  ];
  for (const [answer, expected] of cases) {
    const { url } = await startReceiver(answer);
    assert.deepEqual(await sendOnce({ endpoint: `${url}/v1/logs` }), expected, `status ${answer.status}`);
  }
});

test("no connection and no answer are reasons to try again", async () => {
  const { url } = await startReceiver("hang");
  assert.equal((await sendOnce({ endpoint: `${url}/v1/logs`, timeoutMs: 200 })).kind, "retry");
  const [server] = servers.splice(0);
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  const result = await sendOnce({ endpoint: `${url}/v1/logs` });
  assert.deepEqual(result, { kind: "retry", reason: "ECONNREFUSED" });
});

test("options that can never work are refused with their code", () => {
  const endpoint = "http://127.0.0.1:1/v1/logs";
  const cases = [
    [{ endpoint: "localhost:4318" }, "OTLP_ENDPOINT_INVALID"],
    [{ endpoint: "grpc://host" }, "OTLP_ENDPOINT_INVALID"],
    [{ endpoint, tls: { caFile: "/nowhere/ca.pem" } }, "OTLP_TLS_FILE_UNREADABLE"],
  ] as const;
  for (const [options, code] of cases) {
    assert.throws(() => createOtlpHttpLogDestination(options), { code });
    assert.throws(() => createOtlpHttpMetricReader(options), { code });
  }
});

test("Retry-After is read as seconds and as a date", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  const cases = [
    ["7", 7000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", undefined],
    [undefined, undefined],
  ] as const;
  for (const [value, expected] of cases)
    assert.equal(readRetryAfterMs(value, nowMs), expected, String(value));
});

test("metrics of instruments and of producers are exported", async () => {
  const { url, received } = await startReceiver();
  const reader = createOtlpHttpMetricReader({
    endpoint: `${url}/v1/metrics`,
    encoding: "json",
    intervalMs: 3_600_000,
  });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ "host.name": "node-1" }),
    readers: [reader],
  });
  provider.getMeter("kerntel").createCounter("kerntel.oom.kills", { unit: "{process}" }).add(3);
  await provider.forceFlush();
  await provider.shutdown();
  assert.equal(received[0]?.url, "/v1/metrics");
  assert.match(
    received[0]?.body.toString() ?? "",
    /"kerntel\.oom\.kills".*"asInt":3|"kerntel\.oom\.kills".*"asDouble":3/,
  );
});
