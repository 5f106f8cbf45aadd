/** Rules that the schema cannot say, over all files: names that exist, belong to us, and do not collide. */
import { checkLastWords } from "./check-last-words.ts";
import { checkMetric } from "./check-metrics.ts";
import { checkOwnNames } from "./check-own-names.ts";
import { checkReferences } from "./check-references.ts";
import { TelemetryError } from "./definition.ts";
import type { TelemetryFile } from "./definition.ts";
import { identifierOf } from "./generate/names.ts";
import { attributesOf, placeOf, signalsOf } from "./places.ts";
import type { PlacedName } from "./places.ts";

/** Throws `TelemetryError` with every mistake of all files. */
export function checkTelemetry(files: readonly TelemetryFile[]): void {
  const attributes = files.flatMap(attributesOf);
  const problems = [
    ...files.flatMap((file) => [
      ...checkOwnNames(file),
      ...checkMetrics(file),
      ...checkReferences(file, files),
    ]),
    ...checkTwice(attributes, ({ name }) => name),
    ...checkTwice(files.flatMap(signalsOf), ({ name }) => identifierOf(name)),
    ...checkNamespaces(attributes),
    ...checkUse(attributes, files),
    ...checkLastWords(files),
  ];
  if (problems.length > 0) throw new TelemetryError(problems);
}

function checkMetrics(file: TelemetryFile): string[] {
  return file.metrics.flatMap((metric, index) =>
    checkMetric(metric).map((problem) => `${placeOf(file, ["metrics", index])}: ${problem}`),
  );
}

/** A name, or what code calls it, belongs to one definition. */
function checkTwice(names: readonly PlacedName[], keyOf: (name: PlacedName) => string): string[] {
  const first = new Map<string, PlacedName>();
  return names.flatMap((named) => {
    const other = first.get(keyOf(named));
    if (other !== undefined) return [`${named.place}: ${named.name} is also defined at ${other.place}`];
    first.set(keyOf(named), named);
    return [];
  });
}

/** A name that is also a prefix would be a value and an object at once, which document stores refuse. */
function checkNamespaces(attributes: readonly PlacedName[]): string[] {
  return attributes.flatMap(({ name, place }) => {
    const inner = attributes.find((other) => other.name.startsWith(`${name}.`));
    return inner === undefined ? [] : [`${place}: ${name} is also the namespace of ${inner.name}`];
  });
}

function checkUse(attributes: readonly PlacedName[], files: readonly TelemetryFile[]): string[] {
  const signals = files.flatMap(({ groups, events, metrics }) => [...groups, ...events, ...metrics]);
  const used = new Set(signals.flatMap((signal) => signal.attributes.map(({ ref }) => ref)));
  return attributes
    .filter(({ name }) => !used.has(name))
    .map(({ name, place }) => `${place}: nothing refers to ${name}`);
}
