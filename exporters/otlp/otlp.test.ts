import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { SendResult } from "../contract.ts";
import { readRetryAfterMs } from "../retry-after.ts";
import { createSampleRecord } from "../sample-record.ts";
import { createOtlpHttpLogDestination } from "./log-destination.ts";
import { createOtlpHttpMetricReader } from "./metric-reader.ts";

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
/** Numbers of 64 bits are text in OTLP JSON. */
const PARTIAL = '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}';

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function startReceiver(
  answer: Answer | "hang" | ((body: Buffer) => Answer) = { status: 200 },
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      received.push({ url: request.url ?? "", headers: request.headers, body });
      const said = typeof answer === "function" ? answer(body) : answer;
      if (said !== "hang") response.writeHead(said.status, said.headers).end(said.body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function sendOnce(
  options: Parameters<typeof createOtlpHttpLogDestination>[0],
  count = 2,
): Promise<SendResult> {
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
    headersList: { authorization: "weaker", "x-more": "b" },
  });
  assert.deepEqual(result, { kind: "delivered" });
  const [request] = received;
  assert.ok(request);
  assert.equal(request.url, "/in/v1/logs");
  assert.equal(request.headers["content-type"], "application/json");
  assert.equal(request.headers["content-encoding"], "gzip");
  assert.equal(request.headers.authorization, "Bearer secret");
  assert.equal(request.headers["x-more"], "b");
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
      { kind: "rejected", isWholeRequest: true, reason: "http_400", count: 2, message: "bad" },
    ],
    [
      { status: 401, body: "who?" },
      { kind: "blocked", reason: "http_401", message: "who?" },
    ],
    [
      { status: 500, body: "broken" },
      { kind: "retry", reason: "http_500" },
    ],
    [{ status: 503 }, { kind: "retry", reason: "http_503" }],
    [
      { status: 429, headers: { "retry-after": "7" } },
      { kind: "retry", reason: "http_429", retryAfterMs: 7000 },
    ],
    [{ status: 202 }, { kind: "delivered" }],
    [
      { status: 200, headers: { "content-type": "application/json" }, body: PARTIAL },
      { kind: "rejected", reason: "partial_success", count: 1, message: "too old" },
    ],
    [{ status: 200, body: '{"partialSuccess":{"errorMessage":"only a warning"}}' }, { kind: "delivered" }],
  ];
  for (const [answer, expected] of cases) {
    const { url } = await startReceiver(answer);
    const options = { endpoint: `${url}/v1/logs`, encoding: "json" } as const;
    assert.deepEqual(await sendOnce(options), expected, `status ${answer.status}`);
  }
});

test("a request that is too large is sent in halves, down to single records", async () => {
  const { url, received } = await startReceiver(({ length }) =>
    length > 1800 ? { status: 413, body: "big" } : { status: 200 },
  );
  assert.deepEqual(await sendOnce({ endpoint: `${url}/v1/logs` }, 5), { kind: "delivered" });
  const taken = received.filter(({ body }) => body.length <= 1800);
  assert.equal(taken.map(({ body }) => body.toString().split(UID).length - 1).join(), "2,1,2");
  const { url: small } = await startReceiver({ status: 413, body: "big" });
  const result = await sendOnce({ endpoint: `${small}/v1/logs` }, 2);
  assert.ok(result.kind === "partial");
  assert.deepEqual(
    result.rejected.map(({ reason, count, message }) => [reason, count, message]),
    [
      ["http_413", 1, "big"],
      ["http_413", 1, "big"],
    ],
  );
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

test("the late answer to an attempt that was given up is not taken for that of the next", async () => {
  const first = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    if (requests === 1) {
      arrived.resolve();
      void Promise.race([first.promise, sleep(300)]).then(() => response.end());
      return;
    }
    // The first one is answered while this one is on its way, and then this one breaks.
    first.resolve();
    setImmediate(() => request.socket.destroy());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`;
  const destination = createOtlpHttpLogDestination({ endpoint, timeoutMs: 1500 });
  const givenUp = new AbortController();
  const late = destination.send([createSampleRecord(UID)], givenUp.signal);
  await arrived.promise;
  givenUp.abort();
  const next = await destination.send([createSampleRecord(UID)], new AbortController().signal);
  assert.equal(next.kind, "retry");
  await late;
  await destination.shutdown();
});

test("a file of authorities that cannot be read is refused with its code", () => {
  const tls = { caFile: "/nowhere/ca.pem" };
  assert.throws(() => createOtlpHttpLogDestination({ tls }), { code: "OTLP_TLS_FILE_UNREADABLE" });
  assert.throws(() => createOtlpHttpMetricReader({ tls }), { code: "OTLP_TLS_FILE_UNREADABLE" });
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
