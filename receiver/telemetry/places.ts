/** Names of a file with the place where they are defined, for messages. */
import type { AttributeReference, TelemetryFile } from "./definition.ts";

export interface PlacedName {
  readonly name: string;
  /** `events/oom/telemetry.yaml:12` */
  readonly place: string;
}

export interface PlacedSignal extends PlacedName {
  readonly section: "attribute_groups" | "events" | "metrics";
  readonly index: number;
  readonly attributes: readonly AttributeReference[];
}

export function placeOf(file: TelemetryFile, keys: readonly (string | number)[]): string {
  return `${file.path}:${file.lineOf(keys)}`;
}

export function attributesOf(file: TelemetryFile): PlacedName[] {
  return file.attributes.map(({ key }, index) => ({
    name: key,
    place: placeOf(file, ["attributes", index, "key"]),
  }));
}

/** Whatever carries attributes. */
export function signalsOf(file: TelemetryFile): PlacedSignal[] {
  const signals = {
    attribute_groups: file.groups.map(({ id, attributes }) => ({ name: id, attributes })),
    events: file.events,
    metrics: file.metrics,
  };
  return (["attribute_groups", "events", "metrics"] as const).flatMap((section) =>
    signals[section].map(({ name, attributes }, index) => ({
      name,
      attributes,
      section,
      index,
      place: placeOf(file, [section, index]),
    })),
  );
}
