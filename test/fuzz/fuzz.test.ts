/** The short form of the fuzzer, which every run of the tests does; `make prove PART=fuzz` is the long one. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fuzzedReaders } from "./readers.ts";
import { FuzzError, readCorpus, readInTime, runFuzz } from "./run-fuzz.ts";
import type { FuzzedReader } from "./fuzzed-reader.ts";

const SEEDS = [20_261_201, 7] as const;
const RUNS = 1_500;

for (const reader of fuzzedReaders) {
  test(`${reader.name}: what once broke the reader is read or refused`, () => {
    for (const bytes of readCorpus(reader).values()) readInTime(reader, bytes);
  });

  for (const seed of SEEDS) {
    test(`${reader.name}: ${RUNS} mutated inputs with the seed ${seed} are read or refused`, (context) => {
      const { inputs, refused } = runFuzz(reader, { seed, runs: RUNS });
      context.diagnostic(`${reader.name}, seed ${seed}: ${inputs} inputs, ${refused} refused`);
      assert.equal(inputs, RUNS);
      assert.ok(refused < inputs, "mutations so heavy that every input is refused test only the first check");
    });
  }

  test(`${reader.name}: the inputs that mutations start from are well-formed`, () => {
    for (const bytes of reader.seeds()) assert.equal(readInTime(reader, bytes), false);
  });
}

/** A reader with one planted fault. */
function faulty(fault: (bytes: Uint8Array) => void): FuzzedReader {
  return {
    name: "planted",
    seeds: () => [Buffer.from("a well-formed input")],
    read(bytes) {
      if (bytes.includes(0xff)) fault(bytes);
      return false;
    },
  };
}

test("an input that breaks a reader is shrunk, kept and named with its seed", () => {
  const corpus = mkdtempSync(join(tmpdir(), "kerntel-corpus-"));
  try {
    const reader = faulty(() => {
      throw new TypeError("planted fault");
    });
    let found: unknown;
    try {
      runFuzz(reader, { seed: 1, runs: 2_000, corpus });
    } catch (error) {
      found = error;
    }
    assert.ok(found instanceof FuzzError);
    assert.match(found.message, /^planted, seed 1: planted fault; the input is kept in /);
    const kept = Buffer.from(readFileSync(found.message.split(" kept in ")[1] ?? "", "utf8"), "base64");
    assert.ok(kept.includes(0xff), "the kept input reproduces the fault");
  } finally {
    rmSync(corpus, { recursive: true });
  }
});

test("a reader that loops is interrupted", () => {
  const looping = faulty((bytes) => {
    while (bytes.length > 0);
  });
  assert.throws(() => readInTime(looping, Uint8Array.of(0xff), 50), { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" });
});
