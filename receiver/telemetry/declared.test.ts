import assert from "node:assert/strict";
import { test } from "node:test";
import { declareNames, findUndeclared } from "./declared.ts";
import { readDeclaredNames } from "./read-declared.ts";
import { makeFiles } from "./sample-files.ts";

const declared = declareNames(makeFiles());
const uid = { "log.record.uid": "01J" };

test("what the definitions name may leave", () => {
  const undeclared = findUndeclared(declared, {
    logRecords: [
      {
        eventName: "kerntel.sample",
        attributes: { ...uid, "process.pid": 1 },
        resource: { "host.name": "a" },
      },
    ],
    metrics: [
      {
        name: "kerntel.sample.duration",
        points: [{ "kerntel.sample.reason": "a" }, { "network.transport": "tcp" }],
      },
      { name: "kerntel.event.records", points: [{ "kerntel.event.name": "sample" }] },
    ],
    resources: [{ "host.name": "a" }],
  });
  assert.deepEqual(undeclared, []);
});

test("each undeclared name is told once, with what carried it", () => {
  const record = {
    eventName: "kerntel.sample",
    attributes: { "thread.name": "a" },
    resource: { "host.id": "b" },
  };
  const undeclared = findUndeclared(declared, {
    logRecords: [record, record, { eventName: "kerntel.other", attributes: {} }, { attributes: {} }],
    metrics: [
      { name: "kerntel.sample.failures", points: [{ "kerntel.sample.reason": "a" }] },
      { name: "kerntel.other", points: [] },
    ],
    resources: [{ "os.type": "linux" }],
  });
  assert.deepEqual(undeclared, [
    "the event kerntel.sample has the undeclared attribute thread.name",
    "a resource has the undeclared attribute host.id",
    'the event "kerntel.other" is not declared',
    'the event "" is not declared',
    "the metric kerntel.sample.failures has the undeclared attribute kerntel.sample.reason",
    "the metric kerntel.other is not declared",
    "a resource has the undeclared attribute os.type",
  ]);
});

test("an attribute of a metric is not thereby one of log records", () => {
  const [problem] = findUndeclared(declared, {
    logRecords: [{ eventName: "kerntel.sample", attributes: { "kerntel.sample.reason": "a" } }],
  });
  assert.equal(problem, "the event kerntel.sample has the undeclared attribute kerntel.sample.reason");
});

test("the names of this tree hold those of the program", () => {
  const names = readDeclaredNames();
  assert.ok(names.metrics.get("kerntel.event.records")?.has("kerntel.event.outcome"));
  assert.ok(names.resource.has("container.id"));
  assert.ok(names.attributes.has("kerntel.attribution"));
});
