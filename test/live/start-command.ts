/** Starts of the program that come to nothing, by other programs that take something away from it. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const launcher: string = join(import.meta.dirname, "../../kerntel");

/** A configuration with this state directory; its path. */
export function writeConfig(directory: string, stateDirectory: string, port = 0): string {
  const path = join(directory, "kerntel.yaml");
  writeFileSync(
    path,
    `file_format: "1.0"
meter_provider:
  readers: [{ pull: { exporter: { prometheus/development: { host: 127.0.0.1, port: ${port} } } } }]
distribution: { kerntel: { state_directory: "${stateDirectory}" } }
`,
  );
  return path;
}

export function runCommand(
  command: string,
  args: readonly string[],
): { code: number; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return { code: status ?? -1, out: stdout, err: stderr };
}
