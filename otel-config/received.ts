/**
 * Describes a value in a message. Every value of the file that reaches a message passes through here, because any of them
 * may be a secret in the wrong place: a text is shown by its length, and a URL by its scheme and host.
 */
import type { Schema } from "./allowed.ts";

export interface Received {
  readonly value: unknown;
  /** What the schema allows at that place. */
  readonly schema: Schema;
  /** The value, or a part of it, came from `${…}`. */
  readonly isSubstituted: boolean;
}

/** Longer numbers may be codes or account numbers, and no setting takes one that is longer than Node's timers do. */
const LONGEST_NUMBER_DIGITS = 10;

export function describeReceived({ value, schema, isSubstituted }: Received): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (isSubstituted) return `a ${nameType(value)} from the environment (not shown)`;
  if (schema.writeOnly === true) return `a ${nameType(value)} (not shown)`;
  if (typeof value === "string") return describeText(value, schema);
  const shown = JSON.stringify(value);
  return shown.length > LONGEST_NUMBER_DIGITS ? "a long number (not shown)" : `the ${typeof value} ${shown}`;
}

function nameType(value: unknown): string {
  return typeof value === "string" ? "text" : typeof value;
}

function describeText(text: string, { format = "" }: Schema): string {
  const url = format.endsWith("-url") ? describeUrl(text) : undefined;
  if (url !== undefined) return url;
  const lines = text.trimEnd().split("\n").length;
  const characters = text.length === 1 ? "1 character" : `${text.length} characters`;
  return `a text of ${characters}${lines > 1 ? ` on ${lines} lines` : ""} (not shown)`;
}

const knownSchemes: ReadonlySet<string> = new Set([
  "http",
  "https",
  "grpc",
  "grpcs",
  "ftp",
  "tcp",
  "unix",
  "dns",
]);

/** Scheme and host as they are parsed. Undefined where the text has none of the schemes that people put there. */
function describeUrl(text: string): string | undefined {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? "";
  if (!knownSchemes.has(scheme)) return undefined;
  // An @ makes it a question of one character of the password what the host is; and where the text is no URL, it has none.
  const host = text.includes("@") || !URL.canParse(text) ? "" : new URL(text).hostname;
  return `a URL with the scheme ${scheme}${host === "" ? "" : ` and the host ${host}`} (the rest is not shown)`;
}
