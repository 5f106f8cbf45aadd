/** What YAML's grammar allows and a configuration cannot have: looked for in one walk, however the document is made. */
import { isAlias, isCollection, isMap, isPair, isScalar, Scalar } from "yaml";
import type { Document, Node, Pair } from "yaml";
import type { YamlProblem } from "./yaml-errors.ts";

const MERGE =
  "merge keys (<<) are not part of YAML 1.2, which OpenTelemetry's configuration is written in; write the settings out, or use an alias (*name) for the whole section";
const NO_ANCHOR = "an alias (*name) without an anchor (&name) before it; quote text that begins with *";
const INSIDE_ITSELF = "an alias (*name) inside of what it stands for";

/** Aliases of nothing and of themselves, merge keys, keys that are here twice, and keys that are no text. */
export function findWrongStructure(document: Document.Parsed): YamlProblem[] {
  const problems: YamlProblem[] = [];
  const complete = new Set<string>();
  const open = new Set<string>();
  const tell = (node: Node, problem: string): void => {
    problems.push({ offset: node.range?.[0] ?? 0, problem });
  };
  const walk = (node: unknown): void => {
    if (isAlias(node)) {
      if (!complete.has(node.source)) tell(node, open.has(node.source) ? INSIDE_ITSELF : NO_ANCHOR);
      return;
    }
    if (!isScalar(node) && !isCollection(node)) return;
    const { anchor } = node;
    if (anchor !== undefined) {
      complete.delete(anchor);
      open.add(anchor);
    }
    if (isMap(node)) checkKeys(node.items, tell);
    if (isCollection(node))
      for (const item of node.items)
        if (isPair(item)) [item.key, item.value].forEach(walk);
        else walk(item);
    if (anchor !== undefined) {
      open.delete(anchor);
      complete.add(anchor);
    }
  };
  walk(document.contents);
  return problems;
}

function checkKeys(pairs: readonly Pair[], tell: (node: Node, problem: string) => void): void {
  const keys = new Set<string>();
  for (const { key } of pairs) {
    if (!isScalar(key)) {
      if (key !== null) tell(key as Node, "a key is not a text");
      continue;
    }
    const name = String(key.value);
    if (name === "<<" && key.type === Scalar.PLAIN) tell(key, MERGE);
    else if (keys.has(name)) tell(key, "the same key is here twice");
    keys.add(name);
  }
}
