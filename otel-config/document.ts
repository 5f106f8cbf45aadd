/** The YAML text as a tree that knows the line of every key and value. */
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, Node, Pair } from "yaml";
import { formatPath } from "./known-words.ts";
import type { ShowKey } from "./known-words.ts";
import type { Mistake } from "./mistake.ts";
import { substituteEnvironment } from "./substitution.ts";
import { explainYaml } from "./yaml-errors.ts";
import type { YamlProblem } from "./yaml-errors.ts";
import { findExcess, findExpandedExcess } from "./yaml-limits.ts";
import { findWrongStructure } from "./yaml-structure.ts";

export type Path = readonly (string | number)[];

export interface ConfigDocument {
  /** With `${…}` replaced; undefined where the YAML itself is wrong. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** A mistake about the value at `path`, or about the key itself. A missing key is told at its parent. */
  readonly mistake: (path: Path, problem: string) => Mistake;
  /** Whether the scalar at `path` came from the environment, whole or in part. */
  readonly isSubstituted: (path: Path) => boolean;
}

export interface DocumentSource {
  readonly text: string;
  readonly file: string;
  readonly environment: NodeJS.ProcessEnv;
  /** How the keys of a path are shown; not at all where left out. */
  readonly showKey?: ShowKey;
}

/** Reads YAML 1.2 and replaces `${…}`. Wrong YAML is told completely before anything else is looked at. */
export function parseConfigDocument({
  text,
  file,
  environment,
  showKey = () => "…",
}: DocumentSource): ConfigDocument {
  const lines = new LineCounter();
  const locate = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const told = (offset: number, key: string, problem: string): Mistake => ({
    file,
    ...locate(offset),
    key,
    problem,
  });
  const { document, problems: wrong } = parseYaml(text, lines);
  if (wrong !== undefined)
    return {
      value: undefined,
      mistakes: wrong.map(({ offset, problem }) => told(offset, "", problem)),
      mistake: (path, problem) => told(0, formatPath(path, showKey), problem),
      isSubstituted: () => false,
    };
  const mistake = (path: Path, problem: string): Mistake =>
    told(findPlace(document, path).offset, formatPath(path, showKey), problem);
  const { problems, replaced } = substituteEnvironment(document, environment);
  return {
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    mistakes: problems.map(({ path, problem }) => mistake(path, problem)),
    mistake,
    isSubstituted: (path) => {
      const { node, isWhole } = findPlace(document, path);
      return isWhole && node !== null && replaced.has(node);
    },
  };
}

/** The document, or what is wrong with its YAML. */
function parseYaml(
  text: string,
  lineCounter: LineCounter,
):
  | { readonly document: Document.Parsed; readonly problems?: undefined }
  | { readonly document?: undefined; readonly problems: readonly YamlProblem[] } {
  const excess = findExcess(text);
  if (excess !== undefined) {
    lineCounter.addNewLine(0);
    for (let end = text.indexOf("\n"); end !== -1 && end < excess.offset; end = text.indexOf("\n", end + 1))
      lineCounter.addNewLine(end + 1);
    return { problems: [excess] };
  }
  const document = parseDocument(text, {
    version: "1.2",
    lineCounter,
    prettyErrors: false,
    // Comparing each key with each takes seconds; `findWrongStructure` does it.
    uniqueKeys: false,
    logLevel: "silent",
  });
  const problems = explainYaml(document);
  if (problems.length === 0) problems.push(...findWrongStructure(document));
  const expanded = problems.length === 0 ? findExpandedExcess(document) : undefined;
  if (expanded !== undefined) problems.push(expanded);
  return problems.length === 0 ? { document } : { problems };
}

interface Place {
  readonly offset: number;
  readonly node: Node | null;
  /** The path goes on to nothing. */
  readonly isWhole: boolean;
}

/** Follows the path as far as it goes; for a key that is there, the key's own place. */
function findPlace(document: Document.Parsed, path: Path): Place {
  let node: Node | null = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    const item = findItem(resolve(node, document), step);
    if (!item) return { offset, node, isWhole: false };
    const key = isPair(item) ? (item.key as Node) : item;
    offset = startOf(key);
    node = isPair(item) ? (item.value as Node | null) : item;
  }
  return { offset, node: resolve(node, document), isWhole: true };
}

function findItem(node: Node | null, step: string | number): Pair | Node | undefined {
  if (isSeq(node)) return node.items[Number(step)] as Node | undefined;
  if (!isMap(node)) return undefined;
  return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
}

function resolve(node: Node | null, document: Document.Parsed): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function startOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0;
}
