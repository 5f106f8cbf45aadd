/**
 * What an event saved, through the local log and out by each exporter: when it happened stays exact, and the version
 * of the conventions that its names follow goes with it.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { formatRecordAsJson } from "#exporters/console/record-json.ts";
import { attributeTypes } from "#exporters/elasticsearch/attributes.generated.ts";
import { createDocument } from "#exporters/elasticsearch/document.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { Emitter } from "#receiver/emission/emitter.ts";
import { Settlements } from "#receiver/emission/settlements.ts";
import { WallClock } from "#receiver/emission/wall-clock.ts";
import { UncaughtMetrics } from "#receiver/metrics/uncaught-metrics.ts";
import { startMetrics } from "#receiver/pipeline/start-metrics.ts";
import { SCHEMA_URL, scope } from "#receiver/scope.ts";
import { OtlpReceiver } from "../live/otlp-receiver.ts";
import type { ReceivedRecord } from "../live/otlp-receiver.ts";

const bootId = "3b241101-e2bb-4255-8caf-4136c566a962";
/** Nanoseconds since boot: the first, one that no double of seconds hits, the greatest exact number, a whole second. */
const timesNs = [1, 86_461_123_456_789, Number.MAX_SAFE_INTEGER, 5_000_000_000];
const times = timesNs.map((timeNs) => timeNs / 1e9);

/** As an event saves them, and as another process reads them from the disk. */
async function storeAndRead(context: TestContext): Promise<ReadableLogRecord[]> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-origin-"));
  context.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const emitted: ReadableLogRecord[] = [];
  const emitter = new Emitter({
    hostAttributes: { "host.name": "node-1" },
    scope,
    limits: { valueLength: 65_536, count: 128 },
    clock: new WallClock(),
    bootId,
    about: () => ({ resolved: { attributes: {}, attribution: "unknown" }, isPending: false }),
    wholePath: (_id, path) => path,
    waitMs: 0,
    nextUid: createUidSource(),
    offer: (record) => emitted.push(record),
    settlements: new Settlements(),
    onLost: (_eventName, error) => {
      throw error;
    },
  });
  for (const time of timesNs)
    emitter.emit(
      { name: "kerntel.oom", severity: 17 },
      { time, subject: { kind: "host" }, attributes: {}, body: "" },
    );
  const written = await openLocalLog({ directory });
  await written.append(emitted);
  await written.close();
  const log = await openLocalLog({ directory });
  const records: ReadableLogRecord[] = [];
  try {
    for await (const batch of log.read({})) records.push(...batch);
  } finally {
    await log.close();
  }
  return records;
}

function originOf(attributes: Readonly<Record<string, unknown>>): unknown[] {
  return [attributes["kerntel.boot.id"], attributes["kerntel.boot.time"]];
}

test("the boot and the time since it are exact in the local log, JSON, Elasticsearch and OTLP", async (context) => {
  const records = await storeAndRead(context);
  const expected = times.map((time) => [bootId, time]);
  assert.deepEqual(
    records.map(({ attributes }) => originOf(attributes)),
    expected,
  );
  const lines = records.map((record) => JSON.parse(formatRecordAsJson(record)) as ReadableLogRecord);
  assert.deepEqual(
    lines.map(({ attributes }) => originOf(attributes)),
    expected,
  );
  const documents = records.map(
    (record) => JSON.parse(JSON.stringify(createDocument(record, undefined))) as ReadableLogRecord,
  );
  assert.deepEqual(
    documents.map(({ attributes }) => originOf(attributes)),
    expected,
  );
  assert.deepEqual(originOf(attributeTypes), ["keyword", "double"]);
  await forEachEncoding(records, (received, encoding) => {
    assert.deepEqual(
      received.map(({ attributes }) => originOf(attributes)),
      expected,
      encoding,
    );
  });
});

async function forEachEncoding(
  records: readonly ReadableLogRecord[],
  check: (received: readonly ReceivedRecord[], encoding: string) => void,
): Promise<void> {
  for (const encoding of ["protobuf", "json"] as const) {
    await using receiver = await OtlpReceiver.start();
    const destination = createOtlpHttpLogDestination({ endpoint: receiver.url("/v1/logs"), encoding });
    const result = await destination.send(records, new AbortController().signal);
    await destination.shutdown();
    assert.deepEqual(result, { kind: "delivered" });
    check(receiver.records, encoding);
  }
}

test("log records say in the local log, Elasticsearch and OTLP which conventions their names follow", async (context) => {
  const records = await storeAndRead(context);
  for (const record of records) {
    const { resource, instrumentationScope } = record;
    assert.deepEqual([resource.schemaUrl, instrumentationScope], [SCHEMA_URL, scope]);
    const document = createDocument(record, undefined);
    assert.deepEqual(document["scope"], { name: scope.name, version: scope.version, schema_url: SCHEMA_URL });
    assert.deepEqual(document["resource"], {
      attributes: { "host.name": "node-1" },
      schema_url: SCHEMA_URL,
    });
  }
  await forEachEncoding(records, (received, encoding) => {
    assert.deepEqual(
      received.map(({ schemaUrls }) => schemaUrls),
      records.map(() => ({ resource: SCHEMA_URL, scope: SCHEMA_URL })),
      encoding,
    );
  });
});

test("metrics say in OTLP which conventions their names follow", async () => {
  await using receiver = await OtlpReceiver.start();
  const uncaught = new UncaughtMetrics(() => [{ kind: "control", name: "", count: 1 }], scope);
  const exporter = {
    name: "otlp_http",
    settings: { endpoint: receiver.url("/v1/metrics"), encoding: "json" },
  };
  const config = { kind: "periodic", intervalMs: 3_600_000, timeoutMs: 30_000, exporter } as const;
  const metrics = await startMetrics(
    [config],
    { "host.name": "node-1" },
    {
      metricProducers: [uncaught],
      onError: assert.ifError,
    },
  );
  await metrics[Symbol.asyncDispose]();
  const [request] = receiver.metrics as [MetricsRequest?];
  const [group] = request?.resourceMetrics ?? [];
  assert.equal(group?.schemaUrl, SCHEMA_URL);
  assert.deepEqual(
    group.scopeMetrics.map(({ scope: { name, version }, schemaUrl }) => ({ name, version, schemaUrl })),
    [scope],
  );
});

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly schemaUrl?: string;
    readonly scopeMetrics: readonly {
      readonly schemaUrl?: string;
      readonly scope: { readonly name: string; readonly version: string };
    }[];
  }[];
}
