/** Makes characters visible that a terminal would act on or not show: text from the watched system is only ever text. */

/** Control and format characters (Unicode Cc and Cf) and the two line separators; joiners of scripts and emoji stay. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Most lines have nothing else, and then the costly search above is spared. */
const PLAIN = /^[\u0020-\u007e]*$/;

/** Text must not move the cursor, set colours, reverse the direction of writing or fake a line. Stays as it is when escaped again. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(INVISIBLE, (character) => {
    const [short] =
      JSON.stringify(character)
        .slice(1, -1)
        .match(/^\\[nrtbf]$/) ?? [];
    return short ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/**
 * `json` is JSON on one line; what parsing it gives stays the same. Such characters can only stand inside its strings,
 * where JSON has `\uXXXX` for each UTF-16 code unit (RFC 8259, section 7).
 */
export function escapeJson(json: string): string {
  if (PLAIN.test(json)) return json;
  return json.replaceAll(INVISIBLE, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
