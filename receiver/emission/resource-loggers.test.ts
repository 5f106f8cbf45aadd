import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Attributes } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { AttributeLimiter } from "./attribute-limiter.ts";
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

function createLoggers(processor: LogRecordProcessor, hostAttributes: Attributes = {}): ResourceLoggers {
  const limiter = new AttributeLimiter({ valueLength: 65_536, count: 128 });
  const scope = { name: "kerntel", version: "1" };
  return new ResourceLoggers({ hostAttributes, processor, scope, limiter, recordAttributes: 128 });
}

test("records about the same container share one Resource object", () => {
  const { processor, records } = collect();
  const loggers = createLoggers(processor, { "host.name": "a" });
  const [one, two] = [
    { "container.id": "one" },
    { "container.id": "two", "container.image.tags": ["1", "2"] },
  ];
  for (const attributes of [one, two, one]) loggers.for(attributes).emit({ body: "" });
  assert.equal(records[0]?.resource, records[2]?.resource);
  assert.notEqual(records[0]?.resource, records[1]?.resource);
  assert.deepEqual(records[1]?.resource.attributes, { "host.name": "a", ...two });
});

test("what became known later makes another resource", () => {
  const { processor, records } = collect();
  const loggers = createLoggers(processor);
  loggers.for({ "container.id": "one" }).emit({});
  loggers.for({ "container.id": "one", "container.name": "web" }).emit({});
  assert.deepEqual(
    records.map(({ resource }) => resource.attributes["container.name"]),
    [undefined, "web"],
  );
});

test("the resource of a subject that is forgotten is given back, and others stay", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const { processor, records } = collect();
  const loggers = createLoggers(processor);
  const kept = { "container.id": "kept" };
  // In a function of its own, so that nothing of it stays on the stack.
  const emitAbout = (attributes: Attributes): WeakRef<object> => {
    loggers.for(attributes).emit({});
    return new WeakRef(records.splice(0)[0]?.resource ?? {});
  };
  const keptResource = emitAbout(kept);
  const forgottenResource = emitAbout({ "container.id": "forgotten" });
  await nextTurn();
  collectGarbage();
  assert.equal(forgottenResource.deref(), undefined);
  assert.notEqual(keptResource.deref(), undefined);
  loggers.for(kept).emit({});
  assert.equal(records[0]?.resource, keptResource.deref());
});
