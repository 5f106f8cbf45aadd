/** The schema of the file together with the keys of the events, ready to check a document. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import type { ConfigProperty, EventSchemas } from "./config.ts";
import { formats } from "./formats.ts";
import fileSchema from "./kerntel.schema.json" with { type: "json" };
import { isOfType } from "./resource-attributes.ts";

/** What a start need not wait for: a test holds the schema to the one of schemas, and code that runs once need not be quick. */
const forOneDocument = { meta: false, validateSchema: false, code: { optimize: false } } as const;

/** Every mistake of a whole document, with paths from its root. */
export function findErrors(events: EventSchemas, document: unknown): ErrorObject[] {
  const schemas = makeEventSchemas(events);
  const known = mapValues(schemas, () => true);
  const given = readEvents(document);
  return [
    // Without its name: there are as many of it as there are sets of keys.
    ...check(onlyFor([document], { ...withEvents(known), $id: undefined }), document, ""),
    ...Object.entries(schemas).flatMap(([name, schema]) =>
      name in given ? check(onlyFor([given[name]], schema), given[name], `${eventsPath}/${name}`) : [],
    ),
  ];
}

const eventsPath = "/distribution/kerntel/events";

function readEvents(document: unknown): Readonly<Record<string, unknown>> {
  let value = document;
  for (const key of eventsPath.split("/").slice(1)) value = isRecord(value) ? value[key] : undefined;
  return isRecord(value) ? value : {};
}

function check(schema: unknown, data: unknown, path: string): ErrorObject[] {
  const validate = compileOnce(schema as object);
  if (validate(data)) return [];
  const errors = validate.errors ?? [];
  for (const error of errors) error.instancePath = path + error.instancePath;
  return errors;
}

/** More than the documents of one program have; then all are forgotten. */
const MOST_COMPILED = 100;
let ajv: Ajv2020 | undefined;
const compiled = new Map<string, ValidateFunction>();

/** By what the schema says: a file that is read again mostly has the keys that it had, and most events the same ones. */
function compileOnce(schema: object): ValidateFunction {
  if (compiled.size >= MOST_COMPILED) {
    compiled.clear();
    ajv = undefined;
  }
  const text = JSON.stringify(schema);
  const found = compiled.get(text);
  if (found !== undefined) return found;
  ajv ??= createAjv();
  const validate = ajv.compile(schema);
  compiled.set(text, validate);
  return validate;
}

function createAjv(): Ajv2020 {
  const created = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true, ...forOneDocument });
  for (const [name, { test }] of Object.entries(formats)) created.addFormat(name, test);
  created.addKeyword({
    keyword: "notAbove",
    type: "object",
    validate: isNotAbove,
  });
  created.addKeyword("unsupported");
  created.addKeyword({ keyword: "valueOfType", type: "object", validate: hasValueOfItsType });
  return created;
}

/**
 * The schema without that of keys that are not there, of which most documents have few; that there are such keys stays known.
 * `values`: all that the document has where the schema counts.
 */
function onlyFor(values: readonly unknown[], schema: unknown): unknown {
  const records = values.filter(isRecord);
  const elements = values.filter(Array.isArray).flat();
  if (!isRecord(schema) || (records.length === 0 && elements.length === 0)) return schema;
  const { $ref, ...own } = schema;
  const whole = typeof $ref === "string" ? { ...findDefinition($ref), ...own } : own;
  const { properties, items } = whole;
  return {
    ...whole,
    ...(isRecord(properties) && { properties: pruneProperties(records, properties) }),
    ...(items !== undefined && { items: elements.length === 0 ? true : onlyFor(elements, items) }),
  };
}

function pruneProperties(
  records: readonly Record<string, unknown>[],
  properties: Record<string, unknown>,
): object {
  const pruned = Object.entries(properties).map(([key, inner]) => {
    const values = records.filter((record) => key in record).map((record) => record[key]);
    return [key, values.length === 0 ? true : onlyFor(values, inner)];
  });
  return Object.fromEntries(pruned) as object;
}

function findDefinition(reference: string): object {
  const name = reference.slice("#/$defs/".length);
  return (fileSchema.$defs as Readonly<Record<string, object>>)[name] ?? {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The whole schema, with the keys of the events. */
export function makeSchema(events: EventSchemas): object {
  return withEvents(makeEventSchemas(events));
}

function withEvents(properties: Readonly<Record<string, unknown>>): object {
  const schema = structuredClone(fileSchema);
  schema.properties.distribution.properties.kerntel.properties.events.properties = properties;
  return schema;
}

function makeEventSchemas(events: EventSchemas): Record<string, object> {
  return mapValues(events, (keys) => ({
    type: ["object", "null"],
    additionalProperties: false,
    properties: { enabled: { type: ["boolean", "null"] }, ...mapValues(keys, allowNull) },
  }));
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
