/** Compiles what changed since its object was written. */
import { globSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { compileObject } from "./compile-object.ts";
import { findTools } from "./find-tools.ts";

/** One process per core of the smallest machine this is built on. */
const parallelCount = 2;

/**
 * Paths are relative to `root`. Resolves to the objects written; throws one error with the compiler's messages of
 * every source that failed.
 */
export async function compileStale(root: string, sources: readonly string[]): Promise<string[]> {
  const shared = newestOf(root, ["bpf/include/**/*.h", "bpf/compile/*.ts"]);
  const stale = sources.filter((source) => isStale(root, source, shared));
  if (stale.length === 0) return [];

  const tools = findTools();
  const waiting = stale.values();
  const failures: string[] = [];
  const compileNext = async (): Promise<void> => {
    for (const source of waiting) {
      await compileObject({ root, source, output: outputOf(source), tools }).catch((error: unknown) => {
        failures.push(error instanceof Error ? error.message : String(error));
      });
    }
  };
  await Promise.all(Array.from({ length: parallelCount }, compileNext));
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return stale.map(outputOf);
}

/** `oom.bpf.c` becomes `oom.bpf.o`. */
function outputOf(source: string): string {
  return source.replace(/\.c$/, ".o");
}

function isStale(root: string, source: string, sharedTime: number): boolean {
  const written = statSync(join(root, outputOf(source)), { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined || written < sharedTime) return true;
  return written < newestOf(root, [source, `${dirname(source)}/*.h`]);
}

function newestOf(root: string, patterns: string[]): number {
  const files = globSync(patterns, { cwd: root });
  return Math.max(0, ...files.map((file) => statSync(join(root, file)).mtimeMs));
}
