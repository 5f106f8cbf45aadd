/**
 * Sentences for what the YAML library finds wrong. Its own messages quote the text, and with it secrets; these are by its
 * codes, of which the compiler wants every one.
 */
import type { Document, ErrorCode } from "yaml";

/** Inside `{ }` the brace of a reference without quotes ends the map. */
const BRACES = "inside { } and [ ] something is missing or too much (there a ${…} must be in quotes)";

const sentences: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias (*name) cannot have an anchor or a tag",
  BAD_ALIAS:
    "an alias (*name) or an anchor (&name) has no name that YAML allows; quote text that begins with * or &",
  BAD_COLLECTION_TYPE: "a tag (!name) wants another kind of collection",
  BAD_DIRECTIVE: "a directive (%) that YAML does not have; quote text that begins with %",
  BAD_DQ_ESCAPE: "a backslash in \"…\" begins no escape that YAML has; write \\\\ or use '…'",
  BAD_INDENT: `the indentation is wrong, or ${BRACES}`,
  BAD_PROP_ORDER: "an anchor (&name) or a tag (!name) is in the wrong place",
  BAD_SCALAR_START: "text cannot begin with @ or `; quote it",
  BLOCK_AS_IMPLICIT_KEY: "a map or a list begins where only a value can be; quote text with a colon in it",
  BLOCK_IN_FLOW: BRACES,
  DUPLICATE_KEY: "the same key is here twice",
  IMPOSSIBLE: "the text cannot be read",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters",
  MISSING_CHAR: `a quotation mark, a comma, a colon or a space is missing, or ${BRACES}`,
  MULTILINE_IMPLICIT_KEY: "a key is on more than one line; a colon or a quotation mark is missing",
  MULTIPLE_ANCHORS: "a value has more than one anchor (&name)",
  MULTIPLE_DOCS: "the file has more than one document (---)",
  MULTIPLE_TAGS: "a value has more than one tag (!name)",
  NON_STRING_KEY: "a key is not a text",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  TAB_AS_INDENT: "a tab is used for indentation; use spaces",
  TAG_RESOLVE_FAILED: "a tag (!name) that is not supported; quote text that begins with !",
  UNEXPECTED_TOKEN: `text is where none can be, or ${BRACES}`,
};

export interface YamlProblem {
  readonly offset: number;
  readonly problem: string;
}

/** Once YAML has lost its place, every later token is an error; only what comes before is worth reporting. */
export function explainYaml({ errors, warnings }: Document.Parsed): YamlProblem[] {
  const found = [...errors, ...warnings];
  const lost = found.findIndex(({ message }) => message.includes("in YAML stream"));
  return found.slice(0, lost === -1 ? undefined : Math.max(lost, 1)).map(({ code, pos }) => ({
    offset: pos[0],
    problem: `not valid YAML: ${sentences[code]}`,
  }));
}
