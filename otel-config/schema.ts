/** The schema of the file together with the keys of the events, ready to check a document. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import type { ConfigProperty, EventSchemas } from "./config.ts";
import { formats } from "./formats.ts";
import fileSchema from "./kerntel.schema.json" with { type: "json" };
import { isOfType } from "./resource-attributes.ts";

/** Checks a whole document and finds every mistake in one go. */
export function compileSchema(events: EventSchemas): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true });
  for (const [name, { test }] of Object.entries(formats)) ajv.addFormat(name, test);
  ajv.addKeyword({
    keyword: "notAbove",
    type: "object",
    validate: isNotAbove,
  });
  ajv.addKeyword("unsupported");
  ajv.addKeyword({ keyword: "valueOfType", type: "object", validate: hasValueOfItsType });
  return ajv.compile(withEvents(events));
}

function withEvents(events: EventSchemas): object {
  const schema = structuredClone(fileSchema);
  schema.properties.distribution.properties.kerntel.properties.events.properties = Object.fromEntries(
    Object.entries(events).map(([name, keys]) => [
      name,
      {
        type: ["object", "null"],
        additionalProperties: false,
        properties: { enabled: { type: ["boolean", "null"] }, ...mapValues(keys, allowNull) },
      },
    ]),
  );
  return schema;
}

/** Null is what `${UNSET}` leaves behind, and means the default. */
function allowNull(property: ConfigProperty): object {
  const { default: _, findProblem: __, ...schema } = property;
  return {
    ...schema,
    type: [property.type, "null"],
    ...(property.enum && { enum: [...property.enum, null] }),
  };
}

/** `{ "a": "b" }`: where both are given, a is not above b. */
function isNotAbove(limits: Record<string, string>, data: Record<string, unknown>): boolean {
  return Object.entries(limits).every(([small, large]) => {
    const [below, above] = [data[small], data[large]];
    return typeof below !== "number" || typeof above !== "number" || below <= above;
  });
}

function hasValueOfItsType(_: boolean, data: Record<string, unknown>): boolean {
  return !("value" in data) || data["value"] === null || isOfType(data["value"], data["type"] ?? "string");
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  change: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
