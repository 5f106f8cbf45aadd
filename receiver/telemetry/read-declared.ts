/** The names that this tree declares, from its files. */
import { declareNames } from "./declared.ts";
import type { DeclaredNames } from "./declared.ts";
import { readTelemetry } from "./read-telemetry.ts";

/** Throws `TelemetryError`, or the error of the file system. */
export function readDeclaredNames(root?: string): DeclaredNames {
  return declareNames(readTelemetry(root));
}
