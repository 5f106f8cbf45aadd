/**
 * Runs every test in one report whose last lines are node:test's summary: `node test/run.ts [--quick] [PATH ...]`.
 * Tests against real programs (`*.peer.test.ts`), of the running kernel (`*.live.test.ts`) and in virtual machines with
 * other kernels (`*.vm.test.ts`) come last and one at a time: they are heavy, or share the kernel; then what all found.
 * `--quick` leaves all of these out, and the checks.
 */
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import { forgetNotes, keepNote } from "./kernels/notes.ts";
import { mergeRuns } from "./merge-runs.ts";
import type { TestGroup } from "./merge-runs.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
  },
});
const root = `${import.meta.dirname}/..`;
const found = globSync("**/*.test.ts", { cwd: root, exclude: ["**/node_modules/**", "**/build/**"] })
  .filter((file) => positionals.length === 0 || positionals.some((path) => file.includes(path)))
  .sort();
const checks: string[] = found.filter((file) => file === "test/check.test.ts");
const live = found.filter((file) => file.endsWith(".live.test.ts"));
const peers = found.filter((file) => file.endsWith(".peer.test.ts"));
const machines = found.filter((file) => file.endsWith(".vm.test.ts"));
const matrix = found.filter((file) => file.endsWith(".matrix.test.ts"));
const apart = new Set([...checks, ...peers, ...live, ...machines, ...matrix]);
const isLiveOff = process.env["KERNTEL_TEST_LIVE"] === "off";

const groups: TestGroup[] = [
  // By themselves: linting keeps every core busy, which tests with a deadline would feel.
  { files: values.quick ? [] : checks, concurrency: 1 },
  { files: found.filter((file) => !apart.has(file)), concurrency: availableParallelism() },
  { files: values.quick ? [] : peers, concurrency: 1 },
  {
    files: values.quick ? [] : live,
    concurrency: 1,
    ...(isLiveOff && { skip: "KERNTEL_TEST_LIVE=off: NOT TESTED on the running kernel" }),
  },
  { files: values.quick ? [] : machines, concurrency: 1 },
  { files: values.quick ? [] : matrix, concurrency: 1 },
];

if (isLiveOff && live.length > 0) {
  process.stdout.write(
    `\n*** KERNTEL_TEST_LIVE=off: ${live.length} files of tests on the running kernel ARE SKIPPED ***\n\n`,
  );
}

if (found.length === 0) throw new Error(`no test file matches ${positionals.join(", ")}`);
forgetNotes();
const report = spec();
report.pipe(process.stdout);
for await (const event of mergeRuns(root, groups)) {
  report.write(event);
  keepNote(event);
  if (event.type === "test:summary" && !event.data.success) process.exitCode = 1;
}
report.end();
