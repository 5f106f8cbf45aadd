import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { compileSchema, makeSchema } from "./schema.ts";

const events = {
  dropwatch: { threshold_ms: { type: "integer", description: "", default: 5, minimum: 1 } },
} as const;

test("the schema is one, which is not asked again at each start", () => {
  const ajv = new Ajv2020();
  assert.ok(ajv.validateSchema(makeSchema(events)), ajv.errorsText());
});

test("only what a document has is compiled, and a mistake beside a section that is not there is found", () => {
  const document = {
    file_format: "1.0",
    distribution: { kerntel: { events: { dropwatch: { threshold_ms: 0, word: 1 } } } },
  };
  const validate = compileSchema(events, document);
  assert.equal(validate(document), false);
  assert.deepEqual(
    validate.errors?.map(({ instancePath, keyword }) => [instancePath.split("/").at(-1), keyword]),
    [
      ["dropwatch", "additionalProperties"],
      ["threshold_ms", "minimum"],
    ],
  );
});
