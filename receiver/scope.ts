/** How Kerntel names itself, and by which names it speaks: the instrumentation scope of everything it emits. */
import { readFileSync } from "node:fs";
import type { Scope } from "./emission/resource-loggers.ts";

/**
 * Which version of OpenTelemetry's semantic conventions the standard names follow, for resources and scopes alike
 * (https://opentelemetry.io/docs/specs/otel/schemas/). It is that of `@opentelemetry/semantic-conventions`, by which
 * the names are checked; the package is not there when the bundle runs, so a test compares them instead.
 */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.45.0";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as Scope;

export const scope: Scope = { name: manifest.name, version: manifest.version, schemaUrl: SCHEMA_URL };
