/** The committed table of a proof: `docs/proofs/<part>.md`. */
import { writeMarkdownTable } from "../kernels/markdown-table.ts";
import type { ProofEntry, ProofSetting } from "./proof-log.ts";
import type { ProofCase, ProofPart } from "./proof-part.ts";

export interface ProofTableOptions extends ProofSetting {
  readonly part: ProofPart;
  readonly entries: readonly ProofEntry[];
  /** As `2026-12-01`. */
  readonly date: string;
}

/** Each case with its repetitions, what they counted, and the reason of each that failed. */
export function formatProofTable({ part, entries, kernel, commit, date }: ProofTableOptions): string {
  const columns = part.cases.some(({ before }) => before !== undefined) ? figureColumns : sumColumns(entries);
  const rows = part.cases.map((proofCase) => {
    const done = entries.filter((entry) => entry.case === proofCase.name);
    const failed = done.filter(({ failure }) => failure !== undefined).length;
    const seconds = (sum(done.map(({ durationMs }) => durationMs)) / 1_000).toFixed(0);
    const repetitions = `${done.length} of ${proofCase.repetitions}`;
    return [proofCase.name, repetitions, ...columns.cells(proofCase, done), String(failed), seconds];
  });
  const failures = entries.flatMap(({ case: name, repetition, failure }) =>
    failure === undefined ? [] : [`- ${name}, repetition ${repetition}: ${failure}`],
  );
  return [
    `# Proof: ${part.name}`,
    "",
    part.claim,
    "",
    `Written by \`make prove PART=${part.name}\` on ${date}, Linux ${kernel}, commit ${commit}.`,
    "",
    writeMarkdownTable(["case", "repetitions", ...columns.titles, "failed", "seconds"], rows).trimEnd(),
    ...(failures.length === 0 ? [] : ["", ...failures]),
    "",
  ].join("\n");
}

interface Columns {
  readonly titles: readonly string[];
  cells(proofCase: ProofCase, done: readonly ProofEntry[]): readonly string[];
}

/** One column for each name that is counted, with the sum over all repetitions. */
function sumColumns(entries: readonly ProofEntry[]): Columns {
  const names = namesOf(entries).sort();
  const cells: Columns["cells"] = (_, done) =>
    names.map((name) => formatCount(sum(done.map(({ counts }) => counts[name] ?? 0))));
  return { titles: names, cells };
}

/** What was before, and the largest of each count: the cases count different things. */
const figureColumns: Columns = {
  titles: ["before", "now, the largest of all repetitions"],
  cells: ({ before = "" }, done) => [
    before,
    namesOf(done)
      .map((name) => `${name} ${largest(done, name)}`)
      .join("; "),
  ],
};

function largest(done: readonly ProofEntry[], name: string): string {
  return formatCount(Math.max(...done.map(({ counts }) => counts[name] ?? 0)));
}

function namesOf(entries: readonly ProofEntry[]): string[] {
  return [...new Set(entries.flatMap(({ counts }) => Object.keys(counts)))];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function formatCount(value: number): string {
  return value.toLocaleString("en");
}
