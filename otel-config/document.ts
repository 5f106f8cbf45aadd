/** The YAML text as a tree that knows the line of every key and value. */
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { Document, Node, Pair } from "yaml";
import type { Mistake } from "./mistake.ts";
import { substituteEnvironment } from "./substitution.ts";

export type Path = readonly (string | number)[];

export interface ConfigDocument {
  /** With `${…}` replaced; undefined where the YAML itself is wrong. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** A mistake about the value at `path`, or about the key itself. A missing key is told at its parent. */
  mistake(path: Path, problem: string): Mistake;
}

/** Reads YAML 1.2 and replaces `${…}`. Wrong YAML is told completely before anything else is looked at. */
export function parseConfigDocument(
  text: string,
  file: string,
  environment: NodeJS.ProcessEnv,
): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const locate = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const told = (offset: number, key: string, problem: string): Mistake => ({
    file,
    ...locate(offset),
    key,
    problem,
  });

  const mistakes: Mistake[] = explainYaml(document).map(({ offset, problem }) => told(offset, "", problem));
  if (mistakes.length === 0) mistakes.push(...findBadAliases(document, told));
  if (mistakes.length === 0)
    mistakes.push(
      ...substituteEnvironment(document, environment, (node, path, problem) =>
        told(startOf(node), formatPath(path), problem),
      ),
    );
  return {
    value: mistakes.some(({ key }) => key === "") ? undefined : toPlain(document, mistakes, told),
    mistakes,
    mistake: (path, problem) => told(findOffset(document, path), formatPath(path), problem),
  };
}

/** `["a", "b", 0, "c/development"]` as `a.b[0].c/development`. */
function formatPath(path: Path): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : (index > 0 ? "." : "") + key))
    .join("");
}

type Tell = (offset: number, key: string, problem: string) => Mistake;

function toPlain(document: Document.Parsed, mistakes: Mistake[], told: Tell): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    mistakes.push(told(0, "", "aliases (*name) are repeated too often"));
    return undefined;
  }
}

function findBadAliases(document: Document.Parsed, told: Tell): Mistake[] {
  const mistakes: Mistake[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      mistakes.push(
        told(
          startOf(alias),
          "",
          "an alias (*name) without an anchor (&name) before it; quote text that begins with *",
        ),
      );
    },
  });
  return mistakes;
}

/** Once YAML has lost its place, every later token is an error; only what comes before is worth telling. */
function explainYaml(document: Document.Parsed): { offset: number; problem: string }[] {
  const errors = [...document.errors, ...document.warnings];
  const lost = errors.findIndex(({ message }) => message.includes("in YAML stream"));
  return errors.slice(0, lost === -1 ? undefined : Math.max(lost, 1)).map(({ code, message, pos }) => {
    if (code === "DUPLICATE_KEY") return { offset: pos[0], problem: "the same key is here twice" };
    // What follows a colon may be the text itself, and with it a secret.
    const reason = message.split("\n", 1)[0]?.replace(/: .*/, "") ?? "";
    const hint = braceErrors.has(code) ? " (inside { } a ${…} must be in quotes)" : "";
    return { offset: pos[0], problem: `not valid YAML: ${reason}${hint}` };
  });
}

/** What `{a: ${B}}` gives: the brace of the reference ends the flow map. */
const braceErrors: ReadonlySet<string> = new Set([
  "MISSING_CHAR",
  "UNEXPECTED_TOKEN",
  "BAD_INDENT",
  "BLOCK_IN_FLOW",
]);

/** Follows the path as far as it goes; for a key that is there, the key's own place. */
function findOffset(document: Document.Parsed, path: Path): number {
  let node: Node | null = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    const item = findItem(resolve(node, document), step);
    if (!item) break;
    const key = isPair(item) ? (item.key as Node) : item;
    offset = startOf(key);
    node = isPair(item) ? (item.value as Node | null) : item;
  }
  return offset;
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
