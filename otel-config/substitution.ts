/**
 * Replaces `${NAME}`, `${env:NAME}` and `${NAME:-default}` by the environment, as OTel's configuration data model
 * wants it: in values only, after YAML was parsed, not again in what was put in. `$$` is a dollar.
 */
import { parse, Scalar, visit, isPair, isScalar } from "yaml";
import type { Document, Node } from "yaml";

const reference = /\$\$|\$\{([^}]*)\}?/g;
const content = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^\n]*))?$/;

const WRONG_REFERENCE =
  "a ${…} that is not a reference; allowed: ${NAME}, ${NAME:-default}, and $$ for a dollar";
/** What the environment may put into one file: a variable has up to 128 KiB, and a file room for thousands of references. */
const MOST_CHARACTERS = 1024 * 1024;
const TOO_LONG = `with what its references stand for, the file has more than ${MOST_CHARACTERS} characters`;
/** A longer text is no number and no boolean, and YAML is not to be looked for in it. */
const LONGEST_RETYPED = 128;

export interface Substitution {
  readonly problems: readonly {
    readonly path: readonly (string | number)[];
    readonly problem: string;
  }[];
  /** Values that have something of the environment, or of a default, in them. */
  readonly replaced: ReadonlySet<Node>;
}

/** Changes the document in place; a reference that cannot be read is a problem and left as it is. */
export function substituteEnvironment(
  document: Document.Parsed,
  environment: NodeJS.ProcessEnv,
): Substitution {
  const problems: Substitution["problems"][number][] = [];
  const replaced = new Set<Node>();
  const budget = { characters: MOST_CHARACTERS };
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("$")) return undefined;
      const { text, problem } = replaceReferences(node.value, environment, budget);
      replaced.add(node);
      if (problem !== undefined) {
        problems.push({ path: pathOf(node, ancestors), problem });
        if (problem === TOO_LONG) return visit.BREAK;
      } else if (text !== node.value) {
        node.value = node.type === Scalar.PLAIN ? retype(text) : text;
      }
      return undefined;
    },
  });
  return { problems, replaced };
}

function replaceReferences(
  text: string,
  environment: NodeJS.ProcessEnv,
  budget: { characters: number },
): { text: string; problem?: string } {
  let isWrong = false;
  const replaced = text.replace(reference, (match, inside = "") => {
    if (match === "$$") return "$";
    const [, name, fallback] = (match.endsWith("}") && content.exec(inside)) || [];
    isWrong ||= name === undefined;
    const value = readVariable(environment, name) ?? fallback ?? "";
    budget.characters -= value.length;
    return budget.characters < 0 ? "" : value;
  });
  if (isWrong) return { text: replaced, problem: WRONG_REFERENCE };
  return { text: replaced, ...(budget.characters < 0 && { problem: TOO_LONG }) };
}

/** Only white space counts as unset. */
function readVariable(environment: NodeJS.ProcessEnv, name = ""): string | undefined {
  const value = environment[name];
  return value?.trim() === "" ? undefined : value;
}

/** What stands there unquoted is a number, a boolean or null if it reads as one; never a map or a list. */
function retype(text: string): unknown {
  if (text.length > LONGEST_RETYPED) return text;
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
