/** Size and name of files, and what only some of them may touch. */
import { posix } from "node:path";
import { isTest, topFolder } from "./source-tree.ts";
import type { SourceFile } from "./source-tree.ts";

const longestLines = 250;
const medianLines = 80;
const bannedNames = new Set("utils util helpers helper manager common misc base impl".split(" "));
/** Programs of their own that build or generate; they are not part of what runs. */
const buildTools =
  /^(setup\/|bpf\/compile\.ts$|bpf\/compile\/|bpf\/layout\/|receiver\/telemetry\/generate\/|bpf\/loader\/)/;

export function checkFiles(files: readonly SourceFile[]): string[] {
  const written = files.filter(({ path }) => !path.endsWith(".generated.ts"));
  return [
    ...written.flatMap((file) => [...checkName(file.path), ...checkLength(file), ...checkReach(file)]),
    ...checkMedian(written.filter((file) => !isTest(file))),
  ];
}

function checkName(path: string): string[] {
  const name = posix.basename(path).split(".", 1)[0] ?? "";
  const words = name.split(/[-_]/);
  const banned = words.find((word) => bannedNames.has(word));
  if (banned !== undefined) return [`${path}: "${banned}" says nothing`];
  // Kernel halves carry the name of their event, where a word may be joined by an underscore.
  const isFine = path.endsWith(".ts") ? /^[a-z0-9]+(-[a-z0-9]+)*$/ : /^[a-z0-9]+([-_][a-z0-9]+)*$/;
  return isFine.test(name) ? [] : [`${path}: names of files are kebab-case`];
}

function checkLength({ path, text }: SourceFile): string[] {
  const lines = countLines(text);
  return lines > longestLines ? [`${path}: ${lines} lines, at most ${longestLines}`] : [];
}

function checkMedian(files: readonly SourceFile[]): string[] {
  const lengths = files.map(({ text }) => countLines(text)).sort((left, right) => left - right);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  return median > medianLines ? [`the median file has ${median} lines, at most ${medianLines}`] : [];
}

function checkReach(file: SourceFile): string[] {
  const { path, code } = file;
  if (isTest(file) || !path.endsWith(".ts") || buildTools.test(path)) return [];
  const rules: readonly (readonly [pattern: RegExp, isAllowed: boolean, problem: string])[] = [
    [
      /\bprocess\s*\.\s*(argv|env)\b/,
      topFolder(path) === "receiver",
      "only receiver/ reads arguments and environment",
    ],
    [
      /\bprocess\s*\.\s*exit(Code)?\b/,
      path === "receiver/main.ts",
      "only receiver/main.ts sets the exit code",
    ],
    [/\{[^}]*\b(argv|env|exit|exitCode)\b[^}]*\}\s*=\s*process\b/, false, "process is not taken apart"],
    [/import\s[^;]*\b(argv|env|exit)\b[^;]*from\s*"(node:)?process"/, false, "process is not taken apart"],
    [/\bconsole\s*\./, false, "console is for generators"],
  ];
  return rules.flatMap(([pattern, isAllowed, problem]) =>
    !isAllowed && pattern.test(code) ? [`${path}: ${problem}`] : [],
  );
}

function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
