/** A record that is too large, from the emitter through the local log and out by each exporter. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Attributes } from "@opentelemetry/api";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { AttributeLimits } from "#otel-config/config.ts";
import { createDocument } from "#exporters/elasticsearch/document.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import type { ResolvedSubject } from "#receiver/containers/resolved-subject.ts";
import { Emitter } from "#receiver/emission/emitter.ts";
import { Settlements } from "#receiver/emission/settlements.ts";
import type { LimitedCounts } from "#receiver/emission/attribute-limiter.ts";
import { WallClock } from "#receiver/emission/wall-clock.ts";
import { scope } from "#receiver/scope.ts";
import { OtlpReceiver } from "../live/otlp-receiver.ts";

const LABEL = 1_200_000;
const containerId = "4f1c2a9b7e6d".padEnd(64, "0");
const bootId = "3b241101-e2bb-4255-8caf-4136c566a962";
const web: ResolvedSubject = {
  attributes: { "container.id": containerId, "container.label.poison": "😀".repeat(LABEL / 2) },
  attribution: "resolved",
};
const defaults = readConfig({ environment: {}, declarations: declare(createEvents()) }).attributeLimits;
const own = ["kerntel.attribution", "kerntel.boot.id", "kerntel.boot.time", "log.record.uid"];

interface Emitted {
  readonly records: readonly ReadableLogRecord[];
  readonly limited: LimitedCounts;
}

interface Saved {
  readonly attributes: Attributes;
  readonly body: string;
}

/** As another process reads them from the disk. */
async function storeAndRead(
  context: TestContext,
  limits: AttributeLimits,
  saved: readonly Saved[],
): Promise<Emitted> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-record-limits-"));
  context.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const emitted: ReadableLogRecord[] = [];
  const emitter = new Emitter({
    hostAttributes: { "host.name": "node-1" },
    scope,
    limits,
    clock: new WallClock(),
    bootId,
    about: () => ({ resolved: web, isPending: false }),
    wholePath: (_id, path) => path,
    waitMs: 0,
    nextUid: createUidSource(),
    offer: (record) => emitted.push(record),
    settlements: new Settlements(),
    onLost: (_eventName, error) => {
      throw error;
    },
  });
  for (const { attributes, body } of saved)
    emitter.emit(
      { name: "kerntel.oom", severity: 17 },
      { time: 1, subject: { kind: "host" }, attributes, body },
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
  return { records, limited: emitter.limited() };
}

function many(count: number): Attributes {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`kerntel.sample.${index}`, index]));
}

test("a label of 1.2 MB and 2,000 attributes leave as much as the default limits allow, and the loss is counted", async (context) => {
  const saved = { attributes: many(2_000), body: "x".repeat(LABEL) };
  const { records, limited } = await storeAndRead(context, defaults, [saved, saved, saved]);
  const dropped = 2_000 + own.length - defaults.count;
  // The label once for its resource, and three bodies.
  assert.deepEqual(limited, { cut: 4, dropped: 3 * dropped });
  const label = "😀".repeat(defaults.valueLength / 2);
  const resource = { "host.name": "node-1", "container.id": containerId, "container.label.poison": label };
  assert.equal(records.length, 3);
  for (const record of records) {
    assert.equal(record.droppedAttributesCount, dropped);
    assert.deepEqual(record.resource.attributes, resource);
    const text = JSON.stringify(createDocument(record, undefined));
    assert.ok(text.length < 3 * defaults.valueLength, `the document has ${text.length} characters`);
    const document = JSON.parse(text) as Record<string, unknown>;
    assert.equal(document["dropped_attributes_count"], dropped);
    assert.deepEqual(document["resource"], { attributes: resource, schema_url: scope.schemaUrl });
    assert.deepEqual(document["body"], { text: "x".repeat(defaults.valueLength) });
    checkAttributes(document["attributes"] as Attributes);
  }
  for (const encoding of ["protobuf", "json"] as const) {
    await using receiver = await OtlpReceiver.start();
    const destination = createOtlpHttpLogDestination({ endpoint: receiver.url("/v1/logs"), encoding });
    const result = await destination.send(records, new AbortController().signal);
    await destination.shutdown();
    assert.deepEqual(result, { kind: "delivered" });
    assert.equal(receiver.records.length, 3);
    for (const received of receiver.records) {
      assert.equal(received.droppedAttributesCount, dropped, encoding);
      assert.deepEqual(received.resource, resource, encoding);
      assert.equal(received.body.length, defaults.valueLength, encoding);
      checkAttributes(received.attributes);
    }
  }
});

function checkAttributes(attributes: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(attributes);
  assert.equal(names.length, defaults.count);
  for (const name of own) assert.ok(name in attributes, name);
  assert.equal(attributes["kerntel.sample.0"] ?? undefined, 0);
  assert.ok(!("kerntel.sample.1999" in attributes));
}

test("no limit cuts or drops what Kerntel itself says of a record, and the resource keeps its identity", async (context) => {
  // The limit leaves room for all that Kerntel may say; the id of an inner container, which this record lacks, is the sixth.
  const attributes = { a: "text", "a.cgroup.id": "7", "a.cgroup.path": "…/web" };
  const limits = { valueLength: 0, count: 0 };
  const { records, limited } = await storeAndRead(context, limits, [{ attributes, body: "text" }]);
  const [record] = records;
  assert.ok(record);
  assert.deepEqual(
    Object.keys(record.attributes).sort(),
    [...own, "kerntel.cgroup.path_truncated", "a"].sort(),
  );
  assert.equal(record.attributes["kerntel.boot.id"], bootId);
  assert.equal(record.attributes["kerntel.attribution"], "resolved");
  assert.match(String(record.attributes["log.record.uid"]), /^[0-9A-Z]{26}$/);
  assert.equal(record.body, "");
  assert.equal(record.droppedAttributesCount, 2);
  assert.equal(record.resource.attributes["container.id"], containerId);
  assert.equal(record.resource.attributes["container.label.poison"], "😀".repeat(128));
  // Three texts, of which two were then dropped, the body and the label.
  assert.deepEqual(limited, { cut: 5, dropped: 2 });
});

test("texts of a record and those of its lists are cut, and a record within the limits is as it was", async (context) => {
  const limits = { valueLength: 3, count: 128 };
  const { records } = await storeAndRead(context, limits, [
    { attributes: { a: "ab😀", b: ["abcd", "ab", "a😀😀"], c: 123_456 }, body: "abc😀" },
    { attributes: { a: "abc", b: ["a"] }, body: "abc" },
  ]);
  assert.deepEqual(
    records.map(({ attributes: { a, b, c }, body, droppedAttributesCount }) => [
      a,
      b,
      c,
      body,
      droppedAttributesCount,
    ]),
    [
      ["ab", ["abc", "ab", "a😀"], 123_456, "abc", 0],
      ["abc", ["a"], undefined, "abc", 0],
    ],
  );
});
