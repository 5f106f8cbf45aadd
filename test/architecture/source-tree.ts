/** The tree as the rules see it: every source file with its text and its imports. */
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Without comments; strings stay. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** Relative to the root; absent for a package and for `node:`. */
  readonly target?: string;
}

export function readSourceTree(root: string): SourceFile[] {
  return globSync("**/*.{ts,c,h,cc}", {
    cwd: root,
    exclude: ["**/node_modules/**", "**/build/**", "**/dist/**"],
  })
    .sort()
    .map((path) => {
      const text = readFileSync(posix.join(root, path), "utf8");
      const code = removeComments(text);
      return { path, text, code, imports: path.endsWith(".ts") ? findImports(code, path) : [] };
    });
}

export function isTest({ path }: SourceFile): boolean {
  return (
    path.startsWith("test/") ||
    /\.(test|bench|costs)\.ts$/.test(path) ||
    // What provokes an event stands beside it.
    /^events\/[^/]+\/provoke(-[a-z-]+)?\.ts$/.test(path) ||
    /\/(test|bench|fixtures)\//.test(path)
  );
}

/** `receiver` of `receiver/tracing/contract.ts`; the path itself for a file of the root. */
export function topFolder(path: string): string {
  return path.split("/", 1)[0] ?? path;
}

/** Static, type-only, re-exporting and literal dynamic imports. */
function findImports(code: string, path: string): Import[] {
  const patterns = [
    /(?:^|[;}\n])\s*(?:import|export)\b[^;"'`]*?\bfrom\s*(["'])(?<specifier>[^"']+)\1/g,
    /(?:^|[;}\n])\s*import\s*(["'])(?<specifier>[^"']+)\1/g,
    /\bimport\s*\(\s*(["'`])(?<specifier>[^"'`$]+)\1/g,
  ];
  return patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(({ groups }) => resolveImport(groups?.["specifier"] ?? "", path)),
  );
}

function resolveImport(specifier: string, path: string): Import {
  if (specifier.startsWith("#")) return { specifier, target: specifier.slice(1) };
  if (!specifier.startsWith(".")) return { specifier };
  return { specifier, target: posix.join(posix.dirname(path), specifier) };
}

/** Leaves text in quotes alone, so that `"https://…"` stays whole. */
function removeComments(text: string): string {
  const tokens = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g;
  return text.replace(tokens, (_, quoted: string | undefined) => quoted ?? " ");
}
