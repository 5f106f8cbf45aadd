/** Compiles BPF programs into objects beside them: `node bpf/compile.ts [GLOB ...]`, all of them by default. */
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileStale } from "./compile/compile-stale.ts";

const all = ["events/*/*.bpf.c", "receiver/*/*.bpf.c", "test/provoke/*.bpf.c"];
const root = fileURLToPath(new URL("..", import.meta.url));
const patterns = process.argv.length > 2 ? process.argv.slice(2) : all;
const sources = globSync(patterns, { cwd: root }).sort();

try {
  const compiled = await compileStale(root, sources);
  for (const output of compiled) process.stdout.write(`compiled ${output}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
