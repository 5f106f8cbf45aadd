/**
 * `make prove PART=fuzz`: the long form of a repeated proof. What is done is kept in `build/prove/`, so that a run that
 * was ended goes on where it was; the table goes to `docs/proofs/`, to be committed. Exits with 1 where a repetition failed.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { ProofLog } from "./proof-log.ts";
import { formatProofTable } from "./proof-table.ts";
import { proofParts } from "./parts.ts";
import { runProof } from "./run-proof.ts";

const root = join(import.meta.dirname, "../..");

const [name = ""] = process.argv.slice(2);
const load = Object.hasOwn(proofParts, name) ? proofParts[name] : undefined;
if (load === undefined) {
  process.stderr.write(`PART must be one of ${Object.keys(proofParts).join(", ")}, got "${name}"\n`);
  process.exit(2);
}
const part = await load();
const setting = { kernel: release(), commit: readCommit() };
const log = new ProofLog(join(root, "build/prove", `${part.name}.jsonl`), setting);
const failed = await runProof({ part, log, write: (line) => void process.stdout.write(line) });
const date = new Date().toISOString().slice(0, 10);
const path = join(root, "docs/proofs", `${part.name}.md`);
mkdirSync(join(root, "docs/proofs"), { recursive: true });
writeFileSync(path, formatProofTable({ part, entries: log.entries(), date, ...setting }));
process.stdout.write(`${path} written, ${failed} repetitions failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", root, ...args], { encoding: "utf8" }).trim();
}

function readCommit(): string {
  const isChanged = git("status", "--porcelain", "--", ".", ":!docs/proofs") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${isChanged ? "+" : ""}`;
}
