/** The schema of the file together with the keys of the events, ready to check a document. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import type { ConfigProperty, EventSchemas } from "./config.ts";
import { formats } from "./formats.ts";
import fileSchema from "./kerntel.schema.json" with { type: "json" };
import { isOfType } from "./resource-attributes.ts";

/** What a start need not wait for: a test holds the schema to the one of schemas, and code that runs once need not be quick. */
const forOneDocument = { meta: false, validateSchema: false, code: { optimize: false } } as const;

/** Checks a whole document, the one that is given and no other, and finds every mistake in one go. */
export function compileSchema(events: EventSchemas, document: unknown): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, ...forOneDocument });
  for (const [name, { test }] of Object.entries(formats)) ajv.addFormat(name, test);
  ajv.addKeyword({
    keyword: "notAbove",
    type: "object",
    validate: isNotAbove,
  });
  ajv.addKeyword("unsupported");
  ajv.addKeyword({ keyword: "valueOfType", type: "object", validate: hasValueOfItsType });
  return ajv.compile(onlyFor(document, makeSchema(events)) as object);
}

/** The schema without that of keys that are not there, of which most documents have few; that there are such keys stays known. */
function onlyFor(value: unknown, schema: unknown): unknown {
  const isSection = isRecord(value) && isRecord(schema) && isRecord(schema["properties"]);
  if (!isSection) return schema;
  const properties = Object.entries(schema["properties"] as object).map(([key, inner]) => [
    key,
    key in value ? onlyFor(value[key], inner) : true,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as object };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The whole schema, with the keys of the events. */
export function makeSchema(events: EventSchemas): object {
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
