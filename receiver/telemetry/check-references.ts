/** Every reference has a definition: in the same file, in the program's, or in OpenTelemetry's conventions. */
import type { TelemetryFile } from "./definition.ts";
import { placeOf, signalsOf } from "./places.ts";
import type { PlacedSignal } from "./places.ts";
import { programPath } from "./read-telemetry.ts";
import { standardAttributes } from "./standard-attributes.ts";
import { isStandardName } from "./standard-names.ts";

/** Sentences with their place; empty when the file keeps the rules. Events do not see each other's names. */
export function checkReferences(file: TelemetryFile, files: readonly TelemetryFile[]): string[] {
  const visible = files.filter(({ path }) => path === file.path || path === programPath);
  const own = new Set(visible.flatMap(({ attributes }) => attributes.map(({ key }) => key)));
  return signalsOf(file).flatMap((signal) =>
    signal.attributes.flatMap(({ ref }, at) => {
      const place = placeOf(file, [signal.section, signal.index, "attributes", at, "ref"]);
      return checkReference(ref, signal, own).map((problem) => `${place}: ${problem}`);
    }),
  );
}

function checkReference(ref: string, signal: PlacedSignal, own: ReadonlySet<string>): string[] {
  if (signal.attributes.filter((other) => other.ref === ref).length > 1)
    return [`${ref} is referred to twice`];
  if (own.has(ref)) return [];
  if (!isStandardName(ref)) return [`${ref} is neither defined here nor a standard attribute`];
  if (standardAttributes.has(ref)) return [];
  return [`${ref} has no type yet: add it to receiver/telemetry/standard-attributes.ts`];
}
