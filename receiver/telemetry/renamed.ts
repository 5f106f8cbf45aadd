/** Which names were others before, for those who have queries and dashboards of the old ones. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TelemetryError } from "./definition.ts";
import type { AttributeType, TelemetryFile } from "./definition.ts";
import { parseFile } from "./parse-file.ts";
import { standardAttributes } from "./standard-attributes.ts";

export const renamedPath = "receiver/telemetry/renamed.yaml";

interface RenamedAttribute {
  readonly to: string;
  readonly from: readonly string[];
  /** Unit of the old value, where that changed: the new one is in seconds. */
  readonly was?: "ns" | "ms";
}

interface RenamedLabel {
  readonly to: string;
  readonly from: string;
  readonly metrics: readonly string[];
}

interface RenamedMetric {
  readonly to: string;
  readonly from: string;
}

export interface Renamed {
  readonly attributes: readonly RenamedAttribute[];
  readonly labels: readonly RenamedLabel[];
  readonly metrics: readonly RenamedMetric[];
}

const name = { type: "string", minLength: 1 };
const names = { type: "array", minItems: 1, items: name };
const nothingElse = { type: "object", additionalProperties: false };
const list = (required: readonly string[], properties: object): object => ({
  type: "array",
  items: { ...nothingElse, required, properties },
});
const schema = {
  ...nothingElse,
  required: ["attributes", "labels", "metrics"],
  properties: {
    attributes: list(["to", "from"], { to: name, from: names, was: { enum: ["ns", "ms"] } }),
    labels: list(["to", "from", "metrics"], { to: name, from: name, metrics: names }),
    metrics: list(["to", "from"], { to: name, from: name }),
  },
};

/** Throws `TelemetryError` with every mistake: a new name that nothing declares, an old one that is declared still. */
export function readRenamed(root: string, files: readonly TelemetryFile[]): Renamed {
  const { content, lineOf } = parseFile<Renamed>(
    renamedPath,
    readFileSync(join(root, renamedPath), "utf8"),
    schema,
  );
  const { attributes, metrics } = declaredNames(files);
  const lineIn =
    (section: keyof Renamed) =>
    (index: number): number =>
      lineOf([section, index]);
  const problems = [
    ...placed(content.attributes, lineIn("attributes"), (entry) => [
      ...checkNames(entry, attributes),
      ...checkUnit(entry, attributes),
    ]),
    ...placed(content.labels, lineIn("labels"), (entry) => [
      ...checkNames(entry, attributes),
      ...checkLabel(entry, metrics),
    ]),
    ...placed(content.metrics, lineIn("metrics"), (entry) => checkNames(entry, metrics)),
  ];
  const olds = [...content.attributes, ...content.labels, ...content.metrics].flatMap(({ from }) => from);
  const twice = olds.filter((old, index) => olds.indexOf(old) !== index);
  problems.push(...twice.map((old) => `${renamedPath}:1: ${old} has two new names`));
  if (problems.length > 0) throw new TelemetryError(problems);
  return content;
}

interface Declared {
  readonly attributes: ReadonlyMap<string, AttributeType>;
  /** Labels by name of the metric. */
  readonly metrics: ReadonlyMap<string, ReadonlySet<string>>;
}

function declaredNames(files: readonly TelemetryFile[]): Declared {
  const metrics = files.flatMap((file) => file.metrics);
  return {
    attributes: new Map([
      ...[...standardAttributes].map(([key, { type }]) => [key, type] as const),
      ...files.flatMap(({ attributes }) => attributes.map(({ key, type }) => [key, type] as const)),
    ]),
    metrics: new Map(
      metrics.map((metric) => [metric.name, new Set(metric.attributes.map(({ ref }) => ref))]),
    ),
  };
}

/** With the line of each entry. */
function placed<Entry>(
  entries: readonly Entry[],
  lineOf: (index: number) => number,
  check: (entry: Entry) => string[],
): string[] {
  return entries.flatMap((entry, index) =>
    check(entry).map((problem) => `${renamedPath}:${lineOf(index)}: ${problem}`),
  );
}

interface Names {
  has(key: string): boolean;
}

/** A name that only got another unit stays. */
function checkNames({ to, from, ...rest }: RenamedAttribute | RenamedMetric, declared: Names): string[] {
  const isDeclared = (old: string): boolean => declared.has(old) && !("was" in rest && old === to);
  const still = [from].flat().filter(isDeclared);
  return [
    ...(declared.has(to) ? [] : [`${to} is not declared`]),
    ...still.map((old) => `${old} is still declared`),
  ];
}

function checkUnit({ to, was }: RenamedAttribute, attributes: Declared["attributes"]): string[] {
  const isRight = was === undefined || attributes.get(to) === "double";
  return isRight ? [] : [`${to} must be a double: seconds have fractions`];
}

function checkLabel({ to, metrics: holders }: RenamedLabel, metrics: Declared["metrics"]): string[] {
  const others = holders.filter((metric) => metrics.get(metric)?.has(to) !== true);
  return others.map((metric) => `${metric} has no label ${to}`);
}
