import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { SendResult } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";
import { createOtlpGrpcLogDestination } from "./grpc-log-destination.ts";
import { createOtlpGrpcMetricReader } from "./grpc-metric-reader.ts";
import { readRetryDelayMs } from "./retry-info.ts";

interface Failure {
  readonly code: status;
  readonly details: string;
  readonly metadata?: Metadata;
}

interface Received {
  readonly body: Buffer;
  readonly metadata: Metadata;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

const LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/** Answers with the bytes or the failure that `answer` gives; "hang" gives none. */
async function startReceiver(
  answer: (body: Buffer) => Buffer | Failure | "hang",
): Promise<{ endpoint: string; received: Received[] }> {
  const received: Received[] = [];
  const server = new Server();
  servers.push(server);
  server.register(
    LOGS,
    (
      call: { request: Buffer; metadata: Metadata },
      respond: (failure: Failure | null, body?: Buffer) => void,
    ) => {
      received.push({ body: call.request, metadata: call.metadata });
      const said = answer(call.request);
      if (said === "hang") return;
      if (Buffer.isBuffer(said)) respond(null, said);
      else respond(said);
    },
    (body: Buffer) => body,
    (body: Buffer) => body,
    "unary",
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { endpoint: `http://127.0.0.1:${port}`, received };
}

async function sendOnce(endpoint: string, uids: readonly string[], timeoutMs = 5000): Promise<SendResult> {
  const headers = { "x-token": "secret" };
  const destination = createOtlpGrpcLogDestination({ endpoint, headers, timeoutMs, compression: "gzip" });
  const records = uids.map((uid) => createSampleRecord(uid));
  const result = await destination.send(records, new AbortController().signal);
  await destination.shutdown();
  return result;
}

/** google.rpc.Status with a RetryInfo of 2.5 s, as a server of Go's library encodes it. */
function createRetryMetadata(): Metadata {
  const delay = Buffer.from([0x08, 2, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]);
  const info = Buffer.from([0x0a, delay.length, ...delay]);
  const url = Buffer.from("type.googleapis.com/google.rpc.RetryInfo");
  const any = Buffer.from([0x0a, url.length, ...url, 0x12, info.length, ...info]);
  const metadata = new Metadata();
  metadata.set(
    "grpc-status-details-bin",
    Buffer.from([0x08, 8, 0x12, 2, 0x6e, 0x6f, 0x1a, any.length, ...any]),
  );
  return metadata;
}

test("records arrive with the headers, and an empty answer is delivery", async () => {
  const { endpoint, received } = await startReceiver(() => Buffer.alloc(0));
  assert.deepEqual(await sendOnce(endpoint, ["A", "B"]), { kind: "delivered" });
  assert.equal(received.length, 1);
  assert.ok(received[0]?.body.includes("kerntel.dropwatch"));
  assert.deepEqual(received[0]?.metadata.get("x-token"), ["secret"]);
});

test("answers become results by whose fault they are", async () => {
  const details = "why";
  const cases: readonly (readonly [Buffer | Failure, SendResult])[] = [
    [
      { code: status.UNAVAILABLE, details },
      { kind: "retry", reason: "grpc_unavailable" },
    ],
    [
      { code: status.ABORTED, details },
      { kind: "retry", reason: "grpc_aborted" },
    ],
    [
      { code: status.RESOURCE_EXHAUSTED, details, metadata: createRetryMetadata() },
      { kind: "retry", reason: "grpc_resource_exhausted", retryAfterMs: 2500 },
    ],
    [
      { code: status.RESOURCE_EXHAUSTED, details },
      { kind: "retry", reason: "grpc_resource_exhausted" },
    ],
    [
      { code: status.INVALID_ARGUMENT, details },
      {
        kind: "rejected",
        isWholeRequest: true,
        reason: "grpc_invalid_argument",
        count: 2,
        message: "why",
      },
    ],
    [
      { code: status.UNAUTHENTICATED, details },
      { kind: "blocked", reason: "grpc_unauthenticated", message: "why" },
    ],
    [
      Buffer.from([0x0a, 5, 0x08, 1, 0x12, 1, 0x78]),
      { kind: "rejected", reason: "partial_success", count: 1, message: "x" },
    ],
    [Buffer.from([0x0a, 3, 0x12, 1, 0x78]), { kind: "delivered" }],
  ];
  for (const [answer, expected] of cases) {
    const { endpoint, received } = await startReceiver(() => answer);
    assert.deepEqual(await sendOnce(endpoint, ["A", "B"]), expected);
    assert.equal(received.length, 1);
  }
});

test("a message over the receiver's limit is sent in halves", async () => {
  const details = "grpc: received message larger than max (9 vs. 4)";
  const { endpoint, received } = await startReceiver((body) =>
    body.includes("WWW") ? { code: status.RESOURCE_EXHAUSTED, details } : Buffer.alloc(0),
  );
  const result = await sendOnce(endpoint, ["AAA", "BBB", "WWW"]);
  assert.ok(result.kind === "partial");
  assert.deepEqual(
    result.rejected.map(({ reason, count, sample }) => [reason, count, sample?.attributes["log.record.uid"]]),
    [["grpc_resource_exhausted", 1, "WWW"]],
  );
  assert.equal(received.length, 3);
});

test("no connection and no answer are reasons to try again, and an abort ends the call", async () => {
  const { endpoint } = await startReceiver(() => "hang");
  assert.deepEqual(await sendOnce(endpoint, ["A"], 200), { kind: "retry", reason: "grpc_deadline_exceeded" });
  const destination = createOtlpGrpcLogDestination({ endpoint, timeoutMs: 600_000 });
  const abort = new AbortController();
  const sending = destination.send([createSampleRecord("A")], abort.signal);
  abort.abort();
  assert.deepEqual(await sending, { kind: "retry", reason: "grpc_cancelled" });
  await destination.shutdown();
  for (const server of servers.splice(0)) server.forceShutdown();
  assert.deepEqual(await sendOnce(endpoint, ["A"]), { kind: "retry", reason: "grpc_unavailable" });
});

test("a file of authorities that cannot be read is refused with its code", () => {
  const tls = { caFile: "/nowhere/ca.pem" };
  assert.throws(() => createOtlpGrpcLogDestination({ tls }), { code: "OTLP_TLS_FILE_UNREADABLE" });
  assert.throws(() => createOtlpGrpcMetricReader({ tls }), { code: "OTLP_TLS_FILE_UNREADABLE" });
});

test("details that are no RetryInfo say nothing of when to try again", () => {
  const cases = [[], [0xff], [0x1a, 200, 1], [0x1a, 2, 0x0a, 0], [0x08, 8], [0x0d, 1, 2, 3, 4]];
  for (const bytes of cases) {
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(bytes));
    assert.equal(readRetryDelayMs(metadata), undefined, JSON.stringify(bytes));
  }
});
