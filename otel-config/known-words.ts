/** Which keys of a file may be shown: a text in the place of a key may be a secret as well. */
import type { Declarations } from "./declaration.ts";
import type { Path } from "./document.ts";
import { makeFileSchema, unusedKeys } from "./file-schema.ts";
import { findNearest } from "./nearest.ts";

export type ShowKey = (key: string) => string;

/** What stands for a key that is not shown. */
const HIDDEN = "…";
/** A key that differs more from each known one is no typing error. */
const MOST_EDITS = 2;
const LEAST_LENGTH = 4;

/** Shows the keys that some section has, those of OpenTelemetry that are refused, and slips of the pen in either. */
export function showKnownKeys(declarations: Declarations): ShowKey {
  const words = new Set(["kerntel", ...unusedKeys, ...collectKeys(makeFileSchema(declarations))]);
  const known = [...words];
  // An escape sequence in a key is no slip of the pen.
  const isSlip = (key: string): boolean =>
    /^[\w./-]+$/.test(key) && key.length >= LEAST_LENGTH && findNearest(key, known, MOST_EDITS) !== undefined;
  return (key) => (words.has(key) || isSlip(key) ? key : HIDDEN);
}

function collectKeys(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, unsupported } = schema as {
    readonly properties?: object;
    readonly unsupported?: readonly string[];
  };
  return [
    ...Object.keys(properties ?? {}),
    ...(unsupported ?? []),
    ...Object.values(schema).flatMap(collectKeys),
  ];
}

/** `["a", "b", 0, "c/development"]` as `a.b[0].c/development`. */
export function formatPath(path: Path, showKey: ShowKey): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : (index > 0 ? "." : "") + showKey(key)))
    .join("");
}
