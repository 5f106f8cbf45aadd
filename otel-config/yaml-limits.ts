/** Limits on what YAML makes of a small text; above them it is refused before it costs anything. */
import { CST, isAlias, isCollection, isNode, isPair, isScalar, Lexer, Parser } from "yaml";
import type { Document } from "yaml";
import type { YamlProblem } from "./yaml-errors.ts";

/** Keys and values, an alias counted as what it stands for. `default.yaml` with every setting has some hundreds. */
const MOST_NODES = 5_000;
/** Maps and lists inside of each other; Kerntel's own settings are ten deep. */
const MOST_DEPTH = 64;
/** A key or a value takes at most so many in a file that a person has written. */
const TOKENS_OF_NODE = 5;
const MOST_BLANKS = 40_000;
/** The parser keeps the document and, for each level, an item and what is in it. */
const PARSED_DEPTH = MOST_DEPTH + 2;

const tooMany = `has more than ${MOST_NODES} keys and values, an alias (*name) counted as what it stands for`;
const tooDeep = `has maps and lists inside of each other more than ${MOST_DEPTH} deep`;
const tooManyBlanks = `has more than ${MOST_BLANKS} comments, spaces and empty lines`;

/** Reads only so far into the text as the limits are kept: composing a document and comparing its keys is what costs. */
export function findExcess(text: string): YamlProblem | undefined {
  const parser = new Parser();
  let [offset, tokens, blanks] = [0, 0, 0];
  for (const lexeme of new Lexer().lex(text)) {
    if (isBlank(lexeme)) blanks += 1;
    else tokens += 1;
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > PARSED_DEPTH) return { offset, problem: tooDeep };
    if (tokens > TOKENS_OF_NODE * MOST_NODES) return { offset, problem: tooMany };
    if (blanks > MOST_BLANKS) return { offset, problem: tooManyBlanks };
    offset = parser.offset;
  }
  return undefined;
}

function isBlank(lexeme: string): boolean {
  const type = CST.tokenType(lexeme);
  return type === "space" || type === "newline" || type === "comment";
}

interface Extent {
  readonly nodes: number;
  readonly depth: number;
}

const one: Extent = { nodes: 1, depth: 0 };

/** What the aliases of a document make of it, without expanding them; each must have its anchor before it. */
export function findExpandedExcess(document: Document.Parsed): YamlProblem | undefined {
  const anchored = new Map<string, Extent>();
  const measure = (node: unknown): Extent => {
    if (isAlias(node)) return anchored.get(node.source) ?? one;
    const extent = isCollection(node) ? join(node.items.flatMap(partsOf).map(measure)) : one;
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined)
      anchored.set(node.anchor, extent);
    return extent;
  };
  const { nodes, depth } = measure(document.contents);
  if (nodes > MOST_NODES) return { offset: 0, problem: tooMany };
  return depth > MOST_DEPTH ? { offset: 0, problem: tooDeep } : undefined;
}

function partsOf(item: unknown): unknown[] {
  if (isPair(item)) return [item.key, item.value];
  return isNode(item) ? [item] : [];
}

function join(extents: readonly Extent[]): Extent {
  return extents.reduce(
    (sum, { nodes, depth }) => ({ nodes: sum.nodes + nodes, depth: Math.max(sum.depth, depth + 1) }),
    { nodes: 1, depth: 1 },
  );
}
