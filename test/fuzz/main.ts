/** `npm run fuzz -- [--reader NAME] [--runs N] [--seed N]`: exits with 1 when an input broke a reader. */
import { parseArgs } from "node:util";
import { fuzzedReaders } from "./readers.ts";
import { FuzzError, runFuzz } from "./run-fuzz.ts";

const { values } = parseArgs({
  options: {
    reader: { type: "string" },
    runs: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 0x7fff_ffff) },
  },
});
const readers = fuzzedReaders.filter(({ name }) => values.reader === undefined || name === values.reader);
if (readers.length === 0) {
  const known = fuzzedReaders.map(({ name }) => name).join(", ");
  throw new Error(`--reader ${values.reader}: there is no such reader, only ${known}`);
}
const seed = Number(values.seed);
const runs = Number(values.runs);
if (!Number.isInteger(seed) || !(Number.isInteger(runs) && runs > 0))
  throw new Error("--seed must be an integer and --runs a positive one");
process.stdout.write(`seed ${seed}, ${runs} inputs for each reader\n`);
for (const reader of readers) {
  try {
    const { inputs, refused } = runFuzz(reader, { seed, runs });
    process.stdout.write(`${reader.name}: ${inputs} inputs, ${refused} refused\n`);
  } catch (error) {
    if (!(error instanceof FuzzError)) throw error;
    process.stdout.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
