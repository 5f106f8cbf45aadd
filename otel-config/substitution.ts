/**
 * Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}` by the environment, as OTel's configuration data model
 * wants it: in values only, after YAML was parsed, not again in what was put in. `$$` is a dollar.
 */
import { parse, Scalar, visit, isPair, isScalar } from "yaml";
import type { Document, Node } from "yaml";
import type { Mistake } from "./mistake.ts";

const reference = /\$\$|\$\{([^}]*)\}?/g;
const content = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^\n]*))?$/;

type Tell = (node: Node, path: (string | number)[], problem: string) => Mistake;

/** Changes the document in place; a reference that cannot be read is told and left as it is. */
export function substituteEnvironment(
  document: Document.Parsed,
  environment: NodeJS.ProcessEnv,
  tell: Tell,
): Mistake[] {
  const mistakes: Mistake[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || typeof node.value !== "string") return;
      const result = replaceReferences(node.value, environment);
      if (result.wrong !== undefined) {
        const problem = `${result.wrong} is not a reference; allowed: \${NAME}, \${NAME:-default}, and $$ for a dollar`;
        mistakes.push(tell(node, pathOf(node, ancestors), problem));
      } else if (result.text !== node.value) {
        node.value = node.type === Scalar.PLAIN ? retype(result.text) : result.text;
      }
    },
  });
  return mistakes;
}

function replaceReferences(text: string, environment: NodeJS.ProcessEnv): { text: string; wrong?: string } {
  const wrong: string[] = [];
  const replaced = text.replace(reference, (match, inside = "") => {
    if (match === "$$") return "$";
    const [, name, fallback] = (match.endsWith("}") && content.exec(inside)) || [];
    // Of a wrong reference only the name is told: a default may be a secret.
    if (name === undefined) wrong.push(`\${${/^[\w:]*/.exec(inside)?.[0] ?? ""}…`);
    return readVariable(environment, name) ?? fallback ?? "";
  });
  return { text: replaced, ...(wrong[0] !== undefined && { wrong: wrong[0] }) };
}

/** Only white space counts as unset. */
function readVariable(environment: NodeJS.ProcessEnv, name = ""): string | undefined {
  const value = environment[name];
  return value?.trim() === "" ? undefined : value;
}

/** What stands there unquoted is a number, a boolean or null if it reads as one; never a map or a list. */
function retype(text: string): unknown {
  try {
    const value: unknown = parse(text, { version: "1.2", logLevel: "silent" });
    return value === null || typeof value === "number" || typeof value === "boolean" ? value : text;
  } catch {
    return text;
  }
}

function pathOf(node: Node, ancestors: readonly unknown[]): (string | number)[] {
  const chain = [...ancestors, node];
  return chain.flatMap((ancestor, index): (string | number)[] => {
    if (isPair(ancestor) && isScalar(ancestor.key)) return [String(ancestor.key.value)];
    const items = (ancestor as { items?: unknown[] }).items;
    const position = items?.indexOf(chain[index + 1]) ?? -1;
    return position >= 0 && !isPair(chain[index + 1]) ? [position] : [];
  });
}
