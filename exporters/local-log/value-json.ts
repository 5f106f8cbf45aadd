/** OTel attribute values and bodies as JSON and back: bytes and numbers that JSON has no word for survive. */
import type { AnyValue } from "@opentelemetry/api";

export type Json = string | number | boolean | null | undefined | Json[] | JsonMap;

export interface JsonMap {
  [key: string]: Json;
}

interface ValueMap {
  readonly [key: string]: AnyValue;
}

const MARK = "$otel";

/** Throws `RangeError` for a value nested in itself. */
export function encodeValue(value: AnyValue): Json {
  if (typeof value === "number")
    return Number.isFinite(value) ? value : { [MARK]: "number", value: String(value) };
  if (typeof value !== "object" || value === null) return value as Json;
  if (value instanceof Uint8Array) return { [MARK]: "bytes", value: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(encodeValue);
  const encoded = encodeMap(value as ValueMap);
  return MARK in encoded ? { [MARK]: "map", value: encoded } : encoded;
}

export function encodeMap(map: ValueMap): JsonMap {
  const encoded: JsonMap = {};
  for (const key of Object.keys(map)) {
    const value = map[key];
    // Nearly every attribute is a text; the function call is left to the others.
    encoded[key] = typeof value === "string" ? value : encodeValue(value);
  }
  return encoded;
}

export function decodeValue(value: Json): AnyValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeValue);
  const content = value["value"];
  const mark = value[MARK];
  if (mark === "number") return Number(content);
  if (mark === "bytes") return Buffer.from(content as string, "base64");
  return decodeMap(mark === "map" ? (content as JsonMap) : value);
}

export function decodeMap(map: JsonMap): { [key: string]: AnyValue } {
  const decoded: { [key: string]: AnyValue } = {};
  for (const key of Object.keys(map)) {
    const value = map[key];
    decoded[key] = typeof value === "object" ? decodeValue(value) : value;
  }
  return decoded;
}
