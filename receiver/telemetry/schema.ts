/** JSON Schema of a `telemetry.yaml`. Closed objects: a misspelt key is a mistake, not an addition. */
import { primitiveTypes } from "./definition.ts";

const text = { type: "string", minLength: 1 };
const stability = { enum: ["stable", "development", "alpha", "beta", "release_candidate"] };
const dottedName = { type: "string", pattern: "^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$" };

function closed(required: readonly string[], properties: object): object {
  return { type: "object", required, additionalProperties: false, properties };
}

function eitherObject(objectSchema: object, otherSchema: object): object {
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema; nothing awaits it
  return { if: { type: "object" }, then: objectSchema, else: otherSchema };
}

const member = closed(["id", "value"], {
  id: { type: "string", pattern: "^[a-z0-9_]+$" },
  value: { type: ["string", "integer"] },
  brief: text,
  note: text,
  stability,
});

const requirementLevel = eitherObject(
  { minProperties: 1, maxProperties: 1, ...closed([], { conditionally_required: text, recommended: text }) },
  { enum: ["required", "recommended", "opt_in"] },
);

const references = {
  type: "array",
  items: closed(["ref"], { ref: dottedName, requirement_level: requirementLevel, brief: text, note: text }),
};

const attribute = closed(["key", "type", "brief", "stability"], {
  key: dottedName,
  type: eitherObject(closed(["members"], { members: { type: "array", minItems: 1, items: member } }), {
    enum: primitiveTypes,
  }),
  brief: text,
  note: text,
  stability,
  examples: { type: "array", minItems: 1 },
});

const group = closed(["id", "visibility", "brief", "stability", "attributes"], {
  id: dottedName,
  visibility: { enum: ["public"] },
  brief: text,
  note: text,
  stability,
  attributes: references,
});

const event = closed(["name", "brief", "stability", "attributes", "annotations"], {
  name: dottedName,
  brief: text,
  note: text,
  stability,
  attributes: references,
  annotations: closed(["kerntel"], {
    kerntel: closed(["severity"], {
      severity: { type: "integer", minimum: 1, maximum: 24 },
      differs: { type: "object", minProperties: 1, additionalProperties: text },
      summary: text,
      hook: text,
    }),
  }),
});

const metric = closed(["name", "instrument", "unit", "brief", "stability", "attributes"], {
  name: dottedName,
  instrument: { enum: ["counter", "updowncounter", "gauge", "histogram"] },
  unit: text,
  brief: text,
  note: text,
  stability,
  attributes: references,
});

export const telemetrySchema: object = closed(["file_format"], {
  file_format: { const: "definition/2" },
  attributes: { type: "array", items: attribute },
  attribute_groups: { type: "array", items: group },
  events: { type: "array", items: event },
  metrics: { type: "array", items: metric },
});
