/** Typed names of one `telemetry.yaml` as TypeScript. */
import { join, posix } from "node:path";
import { format, resolveConfig } from "prettier";
import type { AttributeReference, AttributeType, MetricDescription, TelemetryFile } from "../definition.ts";
import { identifierOf, typeNameOf } from "./names.ts";
import { resolveReference } from "./resolve.ts";
import type { ResolvedAttribute } from "./resolve.ts";

/** The content of `telemetry.generated.ts` at `code` below `root`, formatted. */
export async function writeTypescript(
  root: string,
  code: string,
  file: TelemetryFile,
  files: readonly TelemetryFile[],
): Promise<string> {
  const attributes = (references: readonly AttributeReference[]): string =>
    writeMembers(references.map((reference) => resolveReference(reference, files)));
  const groups = file.groups.map(
    ({ id, brief, attributes: references }) =>
      `${comment(brief)}export interface ${typeNameOf(id)}Attributes {${attributes(references)}}\n`,
  );
  const events = file.events.map(
    ({ name, brief, annotations, attributes: references }) =>
      `${comment(brief)}export interface ${typeNameOf(name)}Attributes {${attributes(references)}}\n\n` +
      `export const ${identifierOf(name)}Event = { name: ${quote(name)}, severity: ${annotations.kerntel.severity} } as const;\n`,
  );
  const metrics = file.metrics.map((metric) => writeMetric(metric, attributes(metric.attributes)));
  const text = [
    '// Generated from telemetry.yaml: change the names there, then run "npm run generate".',
    metrics.length > 0 ? `import type { MetricDefinition } from ${quote(contractFrom(code))};\n` : "",
    ...groups,
    ...events,
    ...metrics,
  ];
  return format(text.join("\n"), { ...(await resolveConfig(join(root, code))), parser: "typescript" });
}

/** Inside a folder imports are relative, across folders they are not. */
function contractFrom(code: string): string {
  const contract = "receiver/tracing/contract.ts";
  return code.startsWith("receiver/") ? posix.relative(posix.dirname(code), contract) : `#${contract}`;
}

function writeMetric({ name, unit, brief, instrument }: MetricDescription, attributes: string): string {
  const type = attributes === "" ? "Record<string, never>" : `{${attributes}}`;
  return `${comment(brief)}export const ${identifierOf(name)}: MetricDefinition<${type}> = {
    name: ${quote(name)},
    unit: ${quote(unit)},
    description: ${quote(brief)},
    instrument: ${quote(instrument)},
  };\n`;
}

function writeMembers(attributes: readonly ResolvedAttribute[]): string {
  return attributes
    .map(({ name, type, isRequired, brief }) => {
      const member =
        type === "template[string]"
          ? `[key: \`${name}.\${string}\`]: string`
          : `${quote(name)}${isRequired ? "" : "?"}: ${typeOf(type)}`;
      return `\n${comment(brief)}readonly ${member};`;
    })
    .join("");
}

function typeOf(type: AttributeType): string {
  if (typeof type === "object") return type.members.map(({ value }) => JSON.stringify(value)).join(" | ");
  const isList = type.endsWith("[]");
  const element = { string: "string", int: "number", double: "number", boolean: "boolean" }[
    type.replace("[]", "") as "string" | "int" | "double" | "boolean"
  ];
  return isList ? `readonly ${element}[]` : element;
}

function comment(text: string): string {
  return `/** ${text.trim().replaceAll("*/", "* /")} */\n`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
