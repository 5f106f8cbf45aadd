/** Tables of attributes and metrics for a README, between two markers. */
import { format, resolveConfig } from "prettier";
import type { AttributeReference, MetricDescription, TelemetryFile } from "../definition.ts";
import { prometheusLabel, prometheusName } from "../prometheus-name.ts";
import { code, writeTable } from "./markdown-table.ts";
import { resolveReference } from "./resolve.ts";
import type { ResolvedAttribute } from "./resolve.ts";

const begin = "<!-- telemetry:begin -->";
const end = "<!-- telemetry:end -->";

/** The README with new tables. Throws where the markers are not there once each and in order. */
export async function writeTables(
  path: string,
  readme: string,
  file: TelemetryFile,
  files: readonly TelemetryFile[],
): Promise<string> {
  const [before, rest, ...others] = readme.split(begin);
  const [, after, ...more] = (rest ?? "").split(end);
  if (before === undefined || after === undefined || others.length + more.length > 0)
    throw new Error(`${path}: needs one line ${begin} and below it one line ${end}`);
  const tables = await format(writeSections(file, files), {
    ...(await resolveConfig(path)),
    parser: "markdown",
  });
  return `${before}${begin}\n\n${tables}\n${end}${after}`;
}

function writeSections(file: TelemetryFile, files: readonly TelemetryFile[]): string {
  const table = (references: readonly AttributeReference[]): string =>
    writeAttributes(references.map((reference) => resolveReference(reference, files)));
  const groups = file.groups.map(
    ({ id, brief, note, attributes }) => `**\`${id}\`**: ${sentences(brief, note)}\n\n${table(attributes)}`,
  );
  const events = file.events.map(({ name, brief, note, annotations, attributes }) => {
    const { severity } = annotations.kerntel;
    const head = `**Log record \`${name}\`**, severity ${severityName(severity)} (${severity}).`;
    return `${head} ${sentences(brief, note)}\n\n${table(attributes)}`;
  });
  const described = new Set(
    [...file.groups, ...file.events].flatMap(({ attributes }) => attributes.map(({ ref }) => ref)),
  );
  const metrics =
    file.metrics.length === 0 ? [] : [`**Metrics**\n\n${writeMetrics(file.metrics, described, files)}`];
  return [...groups, ...events, ...metrics].join("\n\n");
}

function writeAttributes(attributes: readonly ResolvedAttribute[]): string {
  if (attributes.length === 0) return "No attributes.";
  const rows = attributes.map((attribute) => [
    attribute.link === undefined ? code(attribute.name) : `[${code(attribute.name)}](${attribute.link})`,
    typeof attribute.type === "object" ? "one of a few" : attribute.type,
    attribute.isRequired ? "always" : (attribute.condition ?? "where known"),
    describe(attribute),
  ]);
  return writeTable(["Attribute", "Type", "There", "Meaning"], rows);
}

function describe({ type, brief, note, examples }: ResolvedAttribute): string {
  const values =
    typeof type === "object"
      ? `Values: ${type.members.map(({ value, brief: means }) => (means === undefined ? code(value) : `${code(value)} (${means.replace(/[.]$/, "")})`)).join(", ")}.`
      : undefined;
  const example = examples.length > 0 ? `For example ${examples.map(code).join(", ")}.` : undefined;
  return sentences(brief, note, values, example);
}

/** `described`: attributes that a table above has. */
function writeMetrics(
  metrics: readonly MetricDescription[],
  described: ReadonlySet<string>,
  files: readonly TelemetryFile[],
): string {
  const rows = metrics.map((metric) => [
    code(metric.name),
    code(prometheusName(metric)),
    `${metric.instrument}, ${code(metric.unit)}`,
    metric.attributes
      .map(({ ref }) => code(ref) + (prometheusLabel(ref) === ref ? "" : ` as ${code(prometheusLabel(ref))}`))
      .join(", "),
    sentences(metric.brief, metric.note),
  ]);
  const references = metrics.flatMap(({ attributes }) => attributes);
  const labels = references.filter(
    ({ ref }, index) => !described.has(ref) && references.findIndex((other) => other.ref === ref) === index,
  );
  const table = writeTable(["Metric", "In Prometheus", "Kind and unit", "Attributes", "Meaning"], rows);
  if (labels.length === 0) return table;
  return `${table}\n\n${writeAttributes(labels.map((reference) => resolveReference(reference, files)))}`;
}

function sentences(...parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map((part) => part.trim())
    .join(" ");
}

/** Ranges of OpenTelemetry's logs data model. */
function severityName(severity: number): string {
  return ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"][Math.floor((severity - 1) / 4)] ?? "";
}
