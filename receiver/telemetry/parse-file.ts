/** A YAML file of this folder, checked against its schema, with the line of everything in it. */
import { Ajv } from "ajv";
import type { ErrorObject, ValidateFunction } from "ajv";
import { LineCounter, isMap, isNode, isScalar, parseDocument } from "yaml";
import type { Document, Range } from "yaml";
import { TelemetryError } from "./definition.ts";
import type { TelemetryFile } from "./definition.ts";

interface ParsedFile<Content> {
  readonly content: Content;
  readonly lineOf: TelemetryFile["lineOf"];
}

const compiled = new Map<object, ValidateFunction>();

/** Compiled when the first file is read: most that load this module read none. */
function compileOnce<Content>(schema: object): ValidateFunction<Content> {
  const options = { allErrors: true, allowUnionTypes: true, strictTypes: false };
  const validate = compiled.get(schema) ?? new Ajv(options).compile(schema);
  compiled.set(schema, validate);
  return validate as ValidateFunction<Content>;
}

/** Throws `TelemetryError` with every mistake of the file. */
export function parseFile<Content>(path: string, text: string, schema: object): ParsedFile<Content> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new TelemetryError(
      document.errors.map(({ pos, message }) => `${path}:${lines.linePos(pos[0]).line}: ${message}`),
    );
  }
  const lineOf = (keys: readonly (string | number)[]): number => {
    for (let length = keys.length; length > 0; length--) {
      const range = rangeOf(document, keys.slice(0, length));
      if (range) return lines.linePos(range[0]).line;
    }
    return 1;
  };
  const content: unknown = document.toJS();
  const validate = compileOnce<Content>(schema);
  if (validate(content)) return { content, lineOf };
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
  throw new TelemetryError([...new Set(errors.map((error) => describe(path, error, lineOf, content)))]);
}

/** Of the key where there is one: its value may begin on a later line. */
function rangeOf(document: Document, keys: readonly (string | number)[]): Range | null | undefined {
  const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const last = keys.at(-1);
  if (isMap(parent)) {
    const key = parent.items.map((pair) => pair.key).find((each) => isScalar(each) && each.value === last);
    return isScalar(key) ? key.range : undefined;
  }
  const item = document.getIn(keys, true);
  return isNode(item) ? item.range : undefined;
}

function describe(
  path: string,
  error: ErrorObject,
  lineOf: TelemetryFile["lineOf"],
  content: unknown,
): string {
  const keys = error.instancePath.split("/").slice(1).map(asIndex);
  const extra =
    error.keyword === "additionalProperties" ? String(error.params["additionalProperty"]) : undefined;
  const line = lineOf(extra === undefined ? keys : [...keys, extra]);
  const place = keys.length === 0 ? "the file" : keys.join(".");
  return `${path}:${line}: ${place} ${explain(error, extra, valueAt(content, keys))}`;
}

function explain(error: ErrorObject, extra: string | undefined, value: unknown): string {
  if (extra !== undefined) return `has no key ${extra}`;
  const given = value !== null && typeof value === "object" ? "" : `, not ${JSON.stringify(value)}`;
  if (error.keyword === "enum")
    return `must be one of ${(error.params["allowedValues"] as string[]).join(", ")}${given}`;
  if (error.keyword === "const") return `must be ${String(error.params["allowedValue"])}${given}`;
  if (error.keyword === "pattern")
    return `must be lower-case words with digits and _, joined by dots${given}`;
  return `${error.message ?? "is not valid"}${error.keyword === "required" ? "" : given}`;
}

function asIndex(key: string): string | number {
  return /^\d+$/.test(key) ? Number(key) : key;
}

function valueAt(content: unknown, keys: readonly (string | number)[]): unknown {
  let value = content;
  for (const key of keys) value = (value as Record<string | number, unknown> | undefined)?.[key];
  return value;
}
