/** Types of the attributes of log records for Elasticsearch's mapping, in the folder of its exporter. */
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { AttributeType, TelemetryFile } from "../definition.ts";
import { resolveReference } from "./resolve.ts";

export const elasticsearchPath = "exporters/elasticsearch/attributes.generated.ts";

/** The attributes of every event and those that all log records have. */
export async function writeElasticsearch(root: string, files: readonly TelemetryFile[]): Promise<string> {
  const references = files.flatMap(({ groups, events }) => [
    ...groups.filter(({ id }) => id === "kerntel.record").flatMap(({ attributes }) => attributes),
    ...events.flatMap(({ attributes }) => attributes),
  ]);
  const types = new Map(
    references.map((reference) => [
      reference.ref,
      fieldOf(reference.ref, resolveReference(reference, files).type),
    ]),
  );
  const lines = [...types]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}: ${JSON.stringify(field)},`);
  const text = [
    '// Generated from every telemetry.yaml: change the names there, then run "npm run generate".',
    "",
    'export const attributeTypes: Readonly<Record<string, "boolean" | "double" | "ip" | "keyword" | "long" | "text">> = {',
    ...lines,
    "};",
  ];
  const options = { ...(await resolveConfig(join(root, elasticsearchPath))), parser: "typescript" };
  return format(text.join("\n"), options);
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
