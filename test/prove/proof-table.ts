/** The committed table of a proof: `docs/proofs/<part>.md`. */
import { writeMarkdownTable } from "../kernels/markdown-table.ts";
import type { ProofEntry, ProofSetting } from "./proof-log.ts";
import type { ProofPart } from "./proof-part.ts";

export interface ProofTableOptions extends ProofSetting {
  readonly part: ProofPart;
  readonly entries: readonly ProofEntry[];
  /** As `2026-12-01`. */
  readonly date: string;
}

/** Each case with its repetitions, the sums of what they counted, and the reason of each that failed. */
export function formatProofTable({ part, entries, kernel, commit, date }: ProofTableOptions): string {
  const names = [...new Set(entries.flatMap(({ counts }) => Object.keys(counts)))].sort();
  const rows = part.cases.map((proofCase) => {
    const done = entries.filter((entry) => entry.case === proofCase.name);
    const failed = done.filter(({ failure }) => failure !== undefined).length;
    const sums = names.map((name) => formatCount(sum(done.map(({ counts }) => counts[name] ?? 0))));
    const seconds = (sum(done.map(({ durationMs }) => durationMs)) / 1_000).toFixed(0);
    return [proofCase.name, `${done.length} of ${proofCase.repetitions}`, ...sums, String(failed), seconds];
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
    writeMarkdownTable(["case", "repetitions", ...names, "failed", "seconds"], rows).trimEnd(),
    ...(failures.length === 0 ? [] : ["", ...failures]),
    "",
  ].join("\n");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function formatCount(value: number): string {
  return value.toLocaleString("en");
}
