/** Rules for metrics: OpenTelemetry's naming guide, and what keeps the number of series bounded. */
import type { MetricDescription } from "./definition.ts";
import { prometheusLabel } from "./prometheus-name.ts";
import { isUnbounded } from "./standard-attributes.ts";

/** UCUM, case-sensitive and without prefixes: `s`, `By`, `1`, `{packet}`, and rates of them. */
const unitPattern = /^(1|s|By|Hz|Cel|V|A|J|W|(By|\{[a-z_]+\})(\/s)?|\{[a-z_]+\}\/\{[a-z_]+\})$/;
const wordsOfUnits = /(^|[._])(seconds?|milliseconds?|nanoseconds?|ms|ns|bytes|ratio|percent|total)$/;

/** What the last word of a name promises. */
const endings: Readonly<Record<string, { instrument: MetricDescription["instrument"]; unit?: string }>> = {
  duration: { instrument: "histogram", unit: "s" },
  time: { instrument: "counter", unit: "s" },
  count: { instrument: "updowncounter" },
};

/** Sentences about one metric; empty when it keeps the rules. */
export function checkMetric(metric: MetricDescription): string[] {
  return [...checkUnit(metric), ...checkEnding(metric), ...checkLabels(metric)];
}

function checkUnit({ name, unit }: MetricDescription): string[] {
  const problems: string[] = [];
  if (!unitPattern.test(unit))
    problems.push(`unit ${unit} of ${name}: use UCUM without prefixes, as s, By, 1 or {thing}`);
  if (wordsOfUnits.test(name))
    problems.push(`${name} must not end in a unit or in total: exporters add them`);
  return problems;
}

function checkEnding({ name, instrument, unit }: MetricDescription): string[] {
  const promised = endings[name.split(".").at(-1) ?? ""];
  if (promised === undefined) return [];
  const wanted = `a ${promised.instrument}${promised.unit === undefined ? "" : ` in ${promised.unit}`}`;
  const isKept = instrument === promised.instrument && (promised.unit ?? unit) === unit;
  return isKept ? [] : [`${name} must be ${wanted}, by its last word`];
}

function checkLabels({ name, attributes }: MetricDescription): string[] {
  const problems = attributes
    .filter(({ ref }) => isUnbounded(ref))
    .map(({ ref }) => `${name} must not have ${ref}: its values have no bound, and each would be a series`);
  const labels = attributes.map(({ ref }) => prometheusLabel(ref));
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  return twice === undefined
    ? problems
    : [...problems, `${name} would have the Prometheus label ${twice} twice`];
}
