/** Where in a filter the mistake is, because libpcap only says what it is. */

/** Numbers with dots and colons, names with hyphens, operators of several characters, anything else by itself. */
const TOKEN = /[\w.:\\/-]+|&&|\|\||[<>!=]=|<<|>>|\S/g;

/** What may follow something that is right so far, to make a filter of it. */
const ENDINGS = [
  "",
  "80",
  "1.2.3.4",
  "tcp",
  "host 1.2.3.4",
  "port 80",
  "proto 6",
  "0",
  "= 0",
  "1 = 0",
  "[0] = 0",
  "] = 0",
  "0] = 0",
];

/**
 * A name or number that the message quotes, if it is in the text; else the first token with which no ending makes a
 * filter of the text up to it; else the end. `isFilter` is asked about texts.
 */
export function findFilterMistake(
  text: string,
  message: string,
  isFilter: (text: string) => boolean,
): number {
  if (!/syntax error/.test(message)) {
    const quoted = findQuoted(text, message);
    if (quoted !== undefined) return quoted;
  }
  for (const token of text.matchAll(TOKEN)) {
    const right = text.slice(0, token.index + token[0].length);
    if (!canBeEnded(right, isFilter)) return token.index;
  }
  return text.length;
}

function findQuoted(text: string, message: string): number | undefined {
  const quoted = [...message.matchAll(/['"]([^'"]+)['"]/g)].map(([, word]) => word);
  const numbers = [...message.matchAll(/[\w.:]*\d[\w.:]*/g)].map(([word]) => word);
  const words = new Set([...quoted, ...numbers]);
  return [...text.matchAll(TOKEN)].findLast(([token]) => words.has(token))?.index;
}

function canBeEnded(text: string, isFilter: (text: string) => boolean): boolean {
  const open = text.split("(").length - text.split(")").length;
  if (open < 0) return false;
  const closing = ")".repeat(open);
  return ENDINGS.some((ending) => isFilter(`${text} ${ending}${closing}`));
}
