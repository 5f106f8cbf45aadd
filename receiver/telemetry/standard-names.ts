/** Which names OpenTelemetry's semantic conventions hold, stable and incubating. */
import * as semanticConventions from "@opentelemetry/semantic-conventions/incubating";

/** Names that OpenTelemetry's specification gives and its conventions do not list, with where it does. */
export const specifiedNames: ReadonlyMap<string, string> = new Map([
  ["otel.metric.overflow", "https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute"],
]);

const names: ReadonlySet<string> = new Set([
  ...specifiedNames.keys(),
  ...Object.entries(semanticConventions).flatMap(([key, name]: [string, unknown]) => {
    if (!key.startsWith("ATTR_")) return [];
    if (typeof name === "function") return [nameOfTemplate(name as (key: string) => string)];
    return typeof name === "string" ? [name] : [];
  }),
]);

/** `linux` survives only in deprecated names, and is reserved all the same. */
const namespaces: ReadonlySet<string> = new Set([
  "linux",
  ...[...names].map((name) => name.split(".")[0] ?? name),
]);

export function isStandardName(name: string): boolean {
  return names.has(name);
}

export function isStandardNamespace(root: string): boolean {
  return namespaces.has(root);
}

/** `container.label` of the function that makes `container.label.<key>`. */
function nameOfTemplate(nameOf: (key: string) => string): string {
  return nameOf("").replace(/[.]$/, "");
}
