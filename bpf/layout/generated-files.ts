/** Writes generated files, or says which of them differ from what would be written. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface GeneratedFile {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

/** Answers the paths that differed; with `isCheck` they are left as they are. */
export function settleFiles(root: string, files: readonly GeneratedFile[], isCheck: boolean): string[] {
  const differing = files.filter(({ path, text }) => readIfThere(join(root, path)) !== text);
  if (!isCheck) for (const { path, text } of differing) writeFileSync(join(root, path), text);
  return differing.map(({ path }) => path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The whole of a generator's command line: `--check` writes nothing and fails where a file would change. */
export async function runGenerator(generate: (isCheck: boolean) => Promise<string[]>): Promise<void> {
  const isCheck = process.argv.includes("--check");
  try {
    const differing = await generate(isCheck);
    for (const path of differing)
      process.stdout.write(`${isCheck ? "out of date, run npm run generate:" : "wrote"} ${path}\n`);
    if (isCheck && differing.length > 0) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
