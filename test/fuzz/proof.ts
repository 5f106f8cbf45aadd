/** The fuzzer as a repeated proof: each repetition has its own seed. */
import type { ProofPart } from "../prove/proof-part.ts";
import { fuzzedReaders } from "./readers.ts";
import { runFuzz } from "./run-fuzz.ts";

const REPETITIONS = 10;
const INPUTS = 20_000;

export const fuzzProof: ProofPart = {
  name: "fuzz",
  claim:
    "No mutated input makes a reader of bytes that Kerntel did not write throw anything but its own refusal, loop, or break an invariant.",
  cases: fuzzedReaders.map((reader) => ({
    name: reader.name,
    repetitions: REPETITIONS,
    run: (repetition) => {
      const { inputs, refused } = runFuzz(reader, { seed: repetition + 1, runs: INPUTS });
      return { inputs, refused };
    },
  })),
};
