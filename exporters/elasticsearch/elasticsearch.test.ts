import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { SendResult } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";
import { createElasticsearchDestination } from "./destination.ts";
import type { ElasticsearchOptions } from "./options.ts";

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function startServer(
  answer: (received: Received) => Answer,
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const isGzip = request.headers["content-encoding"] === "gzip";
      const text = (isGzip ? gunzipSync(bytes) : bytes).toString();
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, text };
      received.push(one);
      const { status = 200, headers: extra, body = { errors: false, items: [] } } = answer(one);
      response.writeHead(status, { "content-type": "application/json", ...extra }).end(JSON.stringify(body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function sendOnce(
  options: Partial<ElasticsearchOptions>,
  uids: readonly string[],
): Promise<SendResult> {
  const destination = createElasticsearchDestination({ timeoutMs: 1000, ...options });
  const result = await destination.send(
    uids.map((uid) => createSampleRecord(uid)),
    new AbortController().signal,
  );
  await destination.shutdown();
  return result;
}

/** Samples by their uid, which says what a case is about. */
function brief(result: SendResult): unknown {
  if (result.kind === "partial") {
    const rejected = result.rejected.map(({ sample, ...rest }) => ({ ...rest, sample: uidOf(sample) }));
    return { ...result, rejected, again: result.again.map(uidOf) };
  }
  return "message" in result ? { ...result, message: "" } : result;
}

function uidOf(record: { attributes: Record<string, unknown> } | undefined): unknown {
  return record?.attributes["log.record.uid"];
}

test("one gzip request creates each record under its uid, and says who it is", async () => {
  const { url, received } = await startServer(() => ({}));
  const auth = [
    [{}, undefined],
    [{ apiKey: "c2VjcmV0" }, "ApiKey c2VjcmV0"],
    [{ username: "a", password: "b" }, "Basic YTpi"],
  ] as const;
  for (const [credentials, authorization] of auth) {
    assert.deepEqual(await sendOnce({ endpoints: [url], ...credentials }, ["A", "B"]), { kind: "delivered" });
    const [request, ...more] = received.splice(0);
    assert.equal(more.length, 0);
    assert.equal(request?.headers.authorization, authorization);
    assert.match(request?.url ?? "", /^\/logs-kerntel\.otel-default\/_bulk\?filter_path=/);
    assert.equal(request?.headers["content-encoding"], "gzip");
    const lines = request?.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual([lines?.[0], lines?.[2]], [{ create: { _id: "A" } }, { create: { _id: "B" } }]);
    assert.equal(lines?.[1]?.["@timestamp"], "1780000000123.456789");
  }
});

/** As Elasticsearch says what became of one document. */
function item(status: number, type?: string): object {
  const error = type && { error: { type, reason: "why", caused_by: { reason: "because" } } };
  return { create: { status, ...error } };
}

test("each item of an answer is judged by itself", async () => {
  const items = [
    item(201),
    item(409, "version_conflict_engine_exception"),
    item(400, "document_parsing_exception"),
    item(429, "es_rejected_execution_exception"),
    item(404, "Not A Name"),
    item(400, "document_parsing_exception"),
    item(503, "unavailable_shards_exception"),
  ];
  const { url } = await startServer(() => ({ body: { errors: true, items } }));
  assert.deepEqual(brief(await sendOnce({ endpoints: [url] }, "ABCDEFG".split(""))), {
    kind: "partial",
    rejected: [{ reason: "document_parsing_exception", count: 2, message: "why: because", sample: "C" }],
    again: ["D", "E", "G"],
    reason: "http_404",
    isBlocked: true,
  });
});

test("an index that is missing, closed or read-only, and missing rights, block the destination", async () => {
  const cases = [
    [404, "index_not_found_exception", "index_not_found_exception true"],
    [400, "index_closed_exception", "index_closed_exception true"],
    [403, "cluster_block_exception", "cluster_block_exception true"],
    [429, "cluster_block_exception", "cluster_block_exception true"],
    [403, "security_exception", "http_403 true"],
    [503, "cluster_block_exception", "http_503 undefined"],
  ] as const;
  for (const [status, type, expected] of cases) {
    const { url } = await startServer(() => ({ body: { errors: true, items: [item(status, type)] } }));
    const result = await sendOnce({ endpoints: [url] }, ["A"]);
    assert.ok(result.kind === "partial");
    assert.equal(`${result.reason} ${result.isBlocked}`, expected);
  }
});

test("the answer to a whole request becomes a result", async () => {
  const cases: readonly (readonly [Answer, object])[] = [
    [
      { status: 429, headers: { "retry-after": "3" } },
      { kind: "retry", reason: "http_429", retryAfterMs: 3000 },
    ],
    [{ status: 503 }, { kind: "retry", reason: "http_503" }],
    [{ status: 401 }, { kind: "blocked", reason: "http_401", message: "" }],
    [{ status: 403 }, { kind: "blocked", reason: "http_403", message: "" }],
    [{ status: 400 }, { kind: "rejected", isWholeRequest: true, reason: "http_400", message: "", count: 2 }],
    [{ body: "a proxy's page" }, { kind: "retry", reason: "unreadable_answer" }],
    [{ body: { errors: true, items: [] } }, { kind: "retry", reason: "unreadable_answer" }],
    [
      { body: { errors: true, items: [{ create: { status: 409 } }, { create: { status: 201 } }] } },
      { kind: "delivered" },
    ],
  ];
  for (const [answer, expected] of cases) {
    const { url, received } = await startServer(() => answer);
    const result = await sendOnce({ endpoints: [url] }, ["A", "B"]);
    assert.deepEqual({ ...result, ...("message" in result && { message: "" }) }, expected);
    assert.equal(received.length, 1, "the client itself tries nothing again");
  }
});

test("a request that is too large is halved, and a record that is too large alone is refused", async () => {
  const { url, received } = await startServer(({ text }) => ({ status: text.includes('"C"') ? 413 : 200 }));
  assert.deepEqual(brief(await sendOnce({ endpoints: [url] }, "ABCD".split(""))), {
    kind: "partial",
    rejected: [{ reason: "http_413", count: 1, message: '{"errors":false,"items":[]}', sample: "C" }],
    again: [],
    reason: "http_413",
  });
  assert.equal(received.length, 5);
});

test("no connection and no answer are reasons to try again", async () => {
  const { url } = await startServer(() => ({}));
  const [server] = servers.splice(0);
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  const refused = await sendOnce({ endpoints: [url] }, ["A"]);
  assert.equal(refused.kind === "retry" && refused.reason, "ECONNREFUSED");
});

test("templates are installed before the first records, from the parts of the stock template, once", async () => {
  const stock = {
    priority: 120,
    composed_of: ["otel@mappings"],
    created_date_millis: 1,
    allow_auto_create: true,
  };
  const { url, received } = await startServer(({ method }) =>
    method === "GET" ? { body: { index_templates: [{ name: "x", index_template: stock }] } } : {},
  );
  const destination = createElasticsearchDestination({ endpoints: [url], installTemplate: true });
  const { signal } = new AbortController();
  for (const uid of ["A", "B"]) await destination.send([createSampleRecord(uid)], signal);
  await destination.shutdown();
  assert.deepEqual(
    received.map((request) => `${request.method} ${request.url.split("?")[0]}`),
    [
      "PUT /_component_template/kerntel@attributes",
      "GET /_index_template/logs-otel@template",
      "PUT /_index_template/logs-kerntel.otel-default%40template",
      "POST /logs-kerntel.otel-default/_bulk",
      "POST /logs-kerntel.otel-default/_bulk",
    ],
  );
  const { _meta, ...template } = JSON.parse(received[2]?.text ?? "") as Record<string, unknown>;
  assert.ok(_meta);
  assert.deepEqual(template, {
    allow_auto_create: true,
    index_patterns: ["logs-kerntel.otel-default"],
    priority: 121,
    composed_of: ["otel@mappings", "kerntel@attributes"],
    data_stream: {},
  });
});

test("without its templates nothing is sent", async () => {
  const { url, received } = await startServer(() => ({ status: 403 }));
  const result = await sendOnce({ endpoints: [url], installTemplate: true }, ["A"]);
  assert.equal(result.kind === "blocked" && result.reason, "template_http_403");
  assert.deepEqual(
    received.map(({ method }) => method),
    ["PUT"],
  );
});

test("a file of authorities that cannot be read is refused with its code, and secrets are not told", () => {
  assert.throws(
    () => createElasticsearchDestination({ apiKey: "hunter2", caFile: "/nowhere/ca.pem" }),
    (error: Error & { code?: string }) =>
      error.code === "ELASTICSEARCH_CA_FILE_UNREADABLE" && !error.message.includes("hunter2"),
  );
});
