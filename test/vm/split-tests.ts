/** Test files in shares of about the same work, so that as many guests of one kernel run side by side. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Durations } from "./durations.ts";

const root = join(import.meta.dirname, "../..");

/** What a test takes where nobody measured it. */
const USUAL_MS = 6_000;

/** At most `count` shares, none empty. What was not measured is weighed by what it holds in tests. */
export function splitTests(files: readonly string[], count: number, durations: Durations): string[][] {
  const weighed = files.map((file) => ({ file, weight: durations[file] ?? countTests(file) * USUAL_MS }));
  const shares = Array.from({ length: count }, () => ({ files: [] as string[], weight: 0 }));
  for (const { file, weight } of weighed.sort((left, right) => right.weight - left.weight)) {
    const lightest = shares.reduce((least, share) => (share.weight < least.weight ? share : least));
    lightest.files.push(file);
    lightest.weight += weight;
  }
  return shares.map((share) => share.files).filter((share) => share.length > 0);
}

function countTests(file: string): number {
  return readFileSync(join(root, file), "utf8").match(/^\s*(?:liveTest|test)\(/gm)?.length ?? 0;
}
