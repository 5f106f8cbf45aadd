/** Turns what the schema found into sentences: what was received, what is allowed. */
import type { ErrorObject } from "ajv/dist/2020.js";
import { describeAllowed, honouredKeys } from "./allowed.ts";
import type { Schema } from "./allowed.ts";
import type { Path } from "./document.ts";
import { findNearest } from "./nearest.ts";
import type { ShowKey } from "./known-words.ts";
import { describeReceived } from "./received.ts";
import { isAttributeType } from "./resource-attributes.ts";

export interface Problem {
  readonly path: Path;
  readonly problem: string;
}

/** The document that is checked. */
export interface Checked {
  readonly root: unknown;
  /** Whether the value at `path` came from the environment. */
  readonly isSubstituted: (path: Path) => boolean;
  readonly showKey: ShowKey;
}

/** More than are shown: one of several places. */
const MOST_PROBLEMS = 101;

/** One problem for each place, however many rules it breaks; not all of very many. */
export function explainErrors(errors: readonly ErrorObject[], checked: Checked): Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    // The rule that this belongs to is an error too, and says more.
    if (error.keyword === "false schema") continue;
    const found = explainError(error, readPointer(error.instancePath, checked.root), checked);
    const place = JSON.stringify(found.path);
    if (!problems.has(place)) problems.set(place, found);
    if (problems.size === MOST_PROBLEMS) break;
  }
  return [...problems.values()];
}

function explainError(error: ErrorObject, path: Path, checked: Checked): Problem {
  const schema = error.parentSchema as Schema;
  const known = honouredKeys(schema);
  const params = error.params as Readonly<Record<string, string>>;
  switch (error.keyword) {
    case "additionalProperties": {
      const key = params["additionalProperty"] ?? "";
      return { path: [...path, key], problem: explainUnknownKey(key, schema) };
    }
    case "required":
    case "dependentRequired":
      return { path, problem: `"${params["missingProperty"]}" is missing` };
    case "minProperties":
    case "maxProperties":
      return {
        path,
        problem: `got ${listReceivedKeys(error.data, checked.showKey)}; allowed: exactly one of ${known.join(", ")}`,
      };
    case "if":
      return explainExclusion(schema.if?.not ?? {}, path);
    case "notAbove":
      return { path, problem: explainNotAbove(error.schema as Record<string, string>) };
    case "valueOfType":
      return explainAttribute(error.data as Record<string, unknown>, path, checked);
    default: {
      const { data: value } = error;
      const isSubstituted = checked.isSubstituted(path);
      const received = describeReceived({ value, schema, isSubstituted });
      const hint = hintAtQuotes(value, schema);
      return { path, problem: `got ${received}; allowed: ${describeAllowed(schema)}${hint}` };
    }
  }
}

function explainUnknownKey(key: string, schema: Schema): string {
  const known = honouredKeys(schema);
  const allowed = `supported here: ${known.join(", ") || "nothing"}`;
  if (schema.unsupported?.includes(key))
    return `OpenTelemetry has this key, Kerntel does not support it; ${allowed}`;
  const nearest = findNearest(key, known);
  return `unknown key${nearest === undefined ? "" : `, did you mean "${nearest}"?`}; ${allowed}`;
}

/** `"${PORT}"` stays a text. */
function hintAtQuotes(data: unknown, { type }: Schema): string {
  if (typeof data !== "string" || data.trim() === "") return "";
  const types = [type].flat();
  const isQuoted = types.some((name) => name === "integer" || name === "number")
    ? Number.isFinite(Number(data))
    : types.includes("boolean") && ["true", "false"].includes(data);
  return isQuoted ? ", without quotes" : "";
}

/** Two settings that say the same thing: where both are there, the schema allows the first no value. */
function explainExclusion({ required: [key = "", other = ""] = [] }: Schema, path: Path): Problem {
  return { path: [...path, key], problem: `${other} is given too; give one of both` };
}

function explainNotAbove(limits: Readonly<Record<string, string>>): string {
  return Object.entries(limits)
    .map(([small, large]) => `"${small}" is above "${large}"; allowed: at most the same`)
    .join("; ");
}

function explainAttribute(
  { value, type }: Record<string, unknown>,
  path: Path,
  { isSubstituted }: Checked,
): Problem {
  const place = [...path, "value"];
  const received = describeReceived({ value, schema: {}, isSubstituted: isSubstituted(place) });
  const wanted = isAttributeType(type) ? type : 'string (give another type with "type")';
  return { path: place, problem: `got ${received}; allowed: a value of type ${wanted}` };
}

function listReceivedKeys(data: unknown, showKey: ShowKey): string {
  const keys = Object.keys(data as object);
  const shown = keys.map(showKey).filter((key, index, all) => all.indexOf(key) === index);
  return keys.length === 0 ? "none" : keys.length > 5 ? `${keys.length} keys` : shown.join(" and ");
}

/** Ajv's JSON pointer as a path; what indexes a list becomes a number. */
function readPointer(pointer: string, root: unknown): Path {
  let value = root;
  return pointer
    .split("/")
    .slice(1)
    .map((step) => {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      const inList = Array.isArray(value);
      value = (value as Record<string, unknown>)[key];
      return inList ? Number(key) : key;
    });
}
