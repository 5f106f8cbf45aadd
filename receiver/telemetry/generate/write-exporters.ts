/** What exporters have to know of the attributes of log records: their types, which a record in JavaScript does not tell. */
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { GeneratedFile } from "#bpf/layout/generated-files.ts";
import type { AttributeType, TelemetryFile } from "../definition.ts";
import { resolveReference } from "./resolve.ts";

const elasticsearchPath = "exporters/elasticsearch/attributes.generated.ts";
const doublesPath = "exporters/double-attributes.generated.ts";

/** Field types for Elasticsearch's mapping, and the attributes that are doubles also where their value is whole. */
export async function writeExporters(
  root: string,
  files: readonly TelemetryFile[],
): Promise<GeneratedFile[]> {
  const types = attributeTypes(files);
  const fields = types.map(
    ([name, type]) => `${JSON.stringify(name)}: ${JSON.stringify(fieldOf(name, type))},`,
  );
  const doubles = types.filter(([, type]) => type === "double").map(([name]) => `${JSON.stringify(name)},`);
  return Promise.all([
    generated(root, elasticsearchPath, [
      'export const attributeTypes: Readonly<Record<string, "boolean" | "double" | "ip" | "keyword" | "long" | "text">> = {',
      ...fields,
      "};",
    ]),
    generated(root, doublesPath, [
      "/** A number of these is a double in OTLP and in documents, also where it is whole. */",
      "export const doubleAttributes: ReadonlySet<string> = new Set([",
      ...doubles,
      "]);",
    ]),
  ]);
}

/** Of the attributes of every event and those that all log records have, in order of their names. */
function attributeTypes(files: readonly TelemetryFile[]): (readonly [name: string, type: AttributeType])[] {
  const references = files.flatMap(({ groups, events }) => [
    ...groups.filter(({ id }) => id === "kerntel.record").flatMap(({ attributes }) => attributes),
    ...events.flatMap(({ attributes }) => attributes),
  ]);
  const types = new Map(
    references.map((reference) => [reference.ref, resolveReference(reference, files).type]),
  );
  return [...types].sort(([left], [right]) => (left < right ? -1 : 1));
}

async function generated(root: string, path: string, lines: readonly string[]): Promise<GeneratedFile> {
  const head = '// Generated from every telemetry.yaml: change the names there, then run "npm run generate".';
  const options = { ...(await resolveConfig(join(root, path))), parser: "typescript" };
  return { path, text: await format([head, "", ...lines].join("\n"), options) };
}

/** A list has the type of its elements. */
function fieldOf(name: string, type: AttributeType): string {
  if (typeof type === "object") return "keyword";
  // Longer than a keyword may be, and searched by the words in it.
  if (name === "code.stacktrace") return "text";
  if (/(^|\.)(source|destination|client|server|local|peer)\.address$/.test(name)) return "ip";
  const fields = { string: "keyword", int: "long", double: "double", boolean: "boolean" };
  return fields[type.replace("[]", "") as keyof typeof fields];
}
