/** The page that leads from old names to new ones. */
import { format, resolveConfig } from "prettier";
import type { TelemetryFile } from "../definition.ts";
import { prometheusLabel, prometheusName } from "../prometheus-name.ts";
import type { Renamed } from "../renamed.ts";
import { code, writeTable } from "./markdown-table.ts";

export const renamedPage = "docs/renamed.md";

const perSecond = { ns: "1,000,000,000", ms: "1,000" } as const;
const unitWords = { ns: "nanoseconds", ms: "milliseconds" } as const;

/** Rows are in the order of the old names. */
export async function writeRenamed(
  path: string,
  { attributes, labels, metrics }: Renamed,
  files: readonly TelemetryFile[],
): Promise<string> {
  const promNames = new Map(
    files.flatMap((file) => file.metrics.map((metric) => [metric.name, prometheusName(metric)] as const)),
  );
  const attributeRows = attributes.flatMap(({ to, from, was }) =>
    from.map((old) => [code(old), old === to ? "the same" : code(to), changeOf(was)]),
  );
  const labelRows = labels.map(({ to, from, metrics: holders }) => [
    code(from),
    code(prometheusLabel(to)),
    code(to),
    holders.map((metric) => code(promNames.get(metric))).join(", "),
  ]);
  const metricRows = metrics.map(({ to, from }) => [code(from), code(to), code(promNames.get(to))]);
  const text = [
    "<!-- Generated from receiver/telemetry/renamed.yaml: change it there, then run `npm run generate`. -->",
    "# Names that were others before",
    "One concept has one name in all events since 2026-12-01. Queries and dashboards that were written before find their new names here." +
      " Events have kept theirs, and so have all attributes and metrics that are not listed.",
    "## Attributes of log records",
    writeTable(["Old", "New", "Value"], sorted(attributeRows)),
    "## Labels of metrics",
    "A label is called as the attribute of the records that says the same. OTLP has the attribute, Prometheus shows its dots as underscores.",
    writeTable(["Old", "In Prometheus", "In OTLP", "Metrics"], sorted(labelRows)),
    "## Metrics",
    writeTable(["Old", "New", "In Prometheus"], sorted(metricRows)),
  ].join("\n\n");
  return format(text, { ...(await resolveConfig(path)), parser: "markdown" });
}

function changeOf(was: "ns" | "ms" | undefined): string {
  if (was === undefined) return "the same";
  return `seconds as double; were ${unitWords[was]} as an integer: divide by ${perSecond[was]}`;
}

function sorted(rows: readonly string[][]): string[][] {
  return rows.toSorted(([left = ""], [right = ""]) => left.localeCompare(right, "en"));
}
