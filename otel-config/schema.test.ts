import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { DeclaredEvents } from "./declaration.ts";
import { makeFileSchema } from "./file-schema.ts";
import { findErrors as findErrorsOf } from "./schema.ts";

const events = {
  dropwatch: { threshold_ms: { type: "integer", description: "", default: 5, minimum: 1 } },
} as const;

const others = { exporters: [], sources: [] };

function findErrors(declared: DeclaredEvents, document: unknown): ReturnType<typeof findErrorsOf> {
  return findErrorsOf({ ...others, events: declared }, document);
}

test("the schema is one, which is not asked again at each start", () => {
  const ajv = new Ajv2020();
  assert.ok(ajv.validateSchema(makeFileSchema({ ...others, events })), ajv.errorsText());
});

test("only what a document has is compiled, and a mistake beside a section that is not there is found", () => {
  const document = {
    file_format: "1.0",
    distribution: { kerntel: { events: { dropwatch: { threshold_ms: 0, word: 1 } } } },
  };
  assert.deepEqual(
    findErrors(events, document).map(({ instancePath, keyword }) => [
      instancePath.split("/").at(-1),
      keyword,
    ]),
    [
      ["dropwatch", "additionalProperties"],
      ["threshold_ms", "minimum"],
    ],
  );
});

function documentWith(event: string, keys: object): object {
  return { file_format: "1.0", distribution: { kerntel: { events: { [event]: keys } } } };
}

test("the same keys are not compiled again, and what is wrong with their values is found each time", (context) => {
  const compile = context.mock.method(Ajv2020.prototype, "compile");
  const softirq = { softirq: events.dropwatch };
  const find = (thresholdMs: unknown): unknown[] =>
    findErrors(softirq, documentWith("softirq", { threshold_ms: thresholdMs })).map(
      ({ instancePath, keyword }) => [instancePath, keyword],
    );
  const place = "/distribution/kerntel/events/softirq/threshold_ms";
  assert.deepEqual(find(1), []);
  const compiled = compile.mock.callCount();
  assert.ok(compiled > 0);
  assert.deepEqual(find(0), [[place, "minimum"]]);
  assert.deepEqual(find("soon"), [[place, "type"]]);
  assert.equal(compile.mock.callCount(), compiled);
});

test("a program that reads ever other keys does not keep what it compiled for all of them", (context) => {
  const keys = Array.from({ length: 100 }, (_, index) => `key_${index}`);
  const oom = { oom: Object.fromEntries(keys.map((key) => [key, events.dropwatch.threshold_ms])) };
  for (const key of keys) assert.equal(findErrors(oom, documentWith("oom", { [key]: 0 })).length, 1);
  const compile = context.mock.method(Ajv2020.prototype, "compile");
  assert.equal(findErrors(oom, documentWith("oom", { key_0: 0 })).length, 1);
  assert.ok(compile.mock.callCount() > 0);
});
