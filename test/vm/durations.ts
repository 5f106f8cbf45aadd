/** How long each file of tests takes in a guest, so that guests side by side end at about the same time. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuestResult } from "./guest-line.ts";
import usual from "./usual-durations.json" with { type: "json" };

/** Milliseconds by file, relative to the root of the project. */
export type Durations = Readonly<Record<string, number>>;

/**
 * What decides the shares: the same on every machine and in every run. Were it what this machine's last run took, shares would
 * drift apart: what runs on alone, after the other guest has ended, is quick, and would be given still more.
 */
export const usualDurations: Durations = usual;

export function readKept(cacheFolder: string): Durations {
  try {
    return JSON.parse(readFileSync(join(cacheFolder, "durations.json"), "utf8")) as Durations;
  } catch {
    return {};
  }
}

/** Suites are not in it: their tests are. */
export function sumDurations(results: readonly Pick<GuestResult, "file" | "durationMs">[]): Durations {
  const sums: Record<string, number> = {};
  for (const { file, durationMs } of results) sums[file] = Math.round((sums[file] ?? 0) + durationMs);
  return sums;
}

/** For whoever renews `usual-durations.json`. */
export function keepDurations(cacheFolder: string, durations: Durations): void {
  const all = { ...readKept(cacheFolder), ...durations };
  writeFileSync(join(cacheFolder, "durations.json"), `${JSON.stringify(all, undefined, 2)}\n`);
}
