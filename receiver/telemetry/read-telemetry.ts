/** Every `telemetry.yaml` of the tree: the program's own and one of each event. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TelemetryError } from "./definition.ts";
import type { TelemetryFile } from "./definition.ts";
import { parseTelemetry } from "./parse-telemetry.ts";

/** The names that are no event's own. */
export const programPath = "receiver/telemetry/telemetry.yaml";

export const treeRoot: string = fileURLToPath(new URL("../..", import.meta.url));

/** In order of path, the program's first. Throws `TelemetryError` with the mistakes of all files. */
export function readTelemetry(root: string = treeRoot): TelemetryFile[] {
  const paths = [programPath, ...globSync("events/*/telemetry.yaml", { cwd: root }).sort()];
  const files: TelemetryFile[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    try {
      files.push(parseTelemetry(path, readFileSync(join(root, path), "utf8")));
    } catch (error) {
      if (!(error instanceof TelemetryError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new TelemetryError(problems);
  return files;
}
