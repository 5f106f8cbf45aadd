import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogRecordProcessor, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { ResourceLoggers } from "./resource-loggers.ts";

function collect(): { processor: LogRecordProcessor; records: ReadableLogRecord[] } {
  const records: ReadableLogRecord[] = [];
  const processor: LogRecordProcessor = {
    onEmit: (record) => void records.push(record),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  return { processor, records };
}

test("records about the same container share one Resource object", () => {
  const { processor, records } = collect();
  const loggers = new ResourceLoggers({ "host.name": "a" }, processor, { name: "kerntel", version: "1" });
  for (const key of ["one", "two", "one"]) loggers.for(key, { "container.id": key }).emit({ body: key });
  assert.equal(records[0]?.resource, records[2]?.resource);
  assert.notEqual(records[0]?.resource, records[1]?.resource);
  assert.deepEqual(records[1]?.resource.attributes, { "host.name": "a", "container.id": "two" });
});

test("the cache is bounded and the most recently used subjects stay", () => {
  const { processor } = collect();
  const loggers = new ResourceLoggers({}, processor, { name: "kerntel", version: "1" });
  const kept = loggers.for("kept", {});
  for (let container = 0; container < 5_000; container++) {
    loggers.for(String(container), {});
    loggers.for("kept", {});
  }
  assert.equal(loggers.size, 4_096);
  assert.equal(loggers.for("kept", {}), kept);
});
