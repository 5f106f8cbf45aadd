/** Feeds one reader with mutated bytes, and keeps what breaks it. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import * as fc from "fast-check";
import type { FuzzedReader } from "./fuzzed-reader.ts";
import { mutatedBytes } from "./mutated-bytes.ts";

export const corpusFolder: string = join(import.meta.dirname, "corpus");
/** One input of a few kilobytes takes microseconds; a reader that needs this long loops. */
const INPUT_DEADLINE_MS = 2_000;

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  /** Where a failing input is kept; the committed corpus where left out. */
  readonly corpus?: string;
}

export interface FuzzResult {
  readonly inputs: number;
  /** Inputs that the reader refused with a code; the rest was read. */
  readonly refused: number;
}

/** Thrown for an input that breaks a reader: what it threw, and the file that reproduces it. */
export class FuzzError extends Error {
  readonly code = "FUZZ_FINDING";
}

/** Throws a `FuzzError` for the smallest failing input that was found. */
export function runFuzz(reader: FuzzedReader, options: FuzzOptions): FuzzResult {
  const counts = { inputs: 0, refused: 0 };
  const outcome = fc.check(
    fc.property(mutatedBytes(reader.seeds()), (bytes) => {
      counts.inputs += 1;
      if (readInTime(reader, bytes)) counts.refused += 1;
    }),
    { seed: options.seed, numRuns: options.runs, endOnFailure: false },
  );
  if (!outcome.failed) return counts;
  const [bytes] = outcome.counterexample ?? [new Uint8Array()];
  const path = keep(join(options.corpus ?? corpusFolder, reader.name), bytes);
  const { errorInstance: cause } = outcome;
  const message = cause instanceof Error ? cause.message : String(cause);
  throw new FuzzError(`${reader.name}, seed ${options.seed}: ${message}; the input is kept in ${path}`, {
    cause,
  });
}

/** What once broke the reader, by the name of its file. */
export function readCorpus(reader: FuzzedReader): ReadonlyMap<string, Uint8Array> {
  const folder = join(corpusFolder, reader.name);
  const names = readdirSync(corpusFolder).includes(reader.name) ? readdirSync(folder).sort() : [];
  return new Map(
    names.map((name) => [name, Buffer.from(readFileSync(join(folder, name), "utf8"), "base64")]),
  );
}

/** Ends a reader that loops: V8 interrupts what a script calls, which nothing else in this process can. */
export function readInTime(
  reader: FuzzedReader,
  bytes: Uint8Array,
  deadlineMs: number = INPUT_DEADLINE_MS,
): boolean {
  Object.assign(globalThis, { [CALL]: () => reader.read(bytes) });
  return call.runInThisContext({ timeout: deadlineMs }) as boolean;
}

const CALL = "kerntelFuzzedCall";
const call = new Script(`globalThis.${CALL}()`);

function keep(folder: string, bytes: Uint8Array): string {
  const name = `${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}.base64`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `${Buffer.from(bytes).toString("base64")}\n`);
  return join(folder, name);
}
