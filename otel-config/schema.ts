/** The schema of the file, ready to check a document. */
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import type { Declarations } from "./declaration.ts";
import { makeFileSchema, schemaOfEvent } from "./file-schema.ts";
import { formats } from "./formats.ts";
import { isOfType } from "./resource-attributes.ts";

/** What a start need not wait for: a test holds the schema to the one of schemas, and code that runs once need not be quick. */
const forOneDocument = { meta: false, validateSchema: false, code: { optimize: false } } as const;

/** Every mistake of a whole document, with paths from its root. */
export function findErrors(declarations: Declarations, document: unknown): ErrorObject[] {
  const given = readEvents(document);
  // The file and each event by itself, so that what was compiled for the same keys is used again.
  const file = makeFileSchema(declarations, () => true);
  return [
    ...check(onlyFor([document], file), document, ""),
    ...Object.entries(declarations.events).flatMap(([name, settings]) =>
      // Nothing behind the name is the default of everything.
      name in given && given[name] !== null
        ? check(onlyFor([given[name]], schemaOfEvent(settings)), given[name], `${eventsPath}/${name}`)
        : [],
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
  created.addKeyword("errorMessage");
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
  if (!isRecord(schema)) return schema;
  const { properties, items } = schema;
  return {
    ...schema,
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
