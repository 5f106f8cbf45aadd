/** The program with some of root's capabilities only. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launcher } from "./start-command.ts";

/** From CAP_CHOWN to CAP_CHECKPOINT_RESTORE; all that a kernel of 5.9 or newer has. */
const CAPABILITY_COUNT = 41;

/** Numbers in include/uapi/linux/capability.h of those that tests keep or take. */
const numbers: Readonly<Record<string, number>> = { CAP_SYSLOG: 34, CAP_PERFMON: 38, CAP_BPF: 39 };

/**
 * Writes a launcher that keeps just these, and returns its path. A program that root starts gets what the bounding set leaves
 * (capabilities(7)), so all others leave that set first.
 */
export function writeLimitedLauncher(directory: string, kept: readonly string[]): string {
  const keptNumbers = new Set(kept.map((name) => numbers[name]));
  if (keptNumbers.has(undefined)) throw new Error(`no number is known of one of ${kept.join(", ")}`);
  const dropped = Array.from({ length: CAPABILITY_COUNT }, (_, number) => number).filter(
    (number) => !keptNumbers.has(number),
  );
  const path = join(directory, "limited-kerntel");
  const start = `'exec "$0" "$@"'`;
  writeFileSync(
    path,
    `#!/bin/sh\nexec capsh --drop=${dropped.join(",")} --shell=/bin/sh -- -c ${start} ${launcher} "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
}
