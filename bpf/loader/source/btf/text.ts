/**
 * Names as the kernel keeps them: bytes, nearly always UTF-8, of which it forbids hardly any. Every name that comes from
 * the kernel is decoded here, so that one thing has one name wherever it is read, and two things never share one.
 *
 * Valid UTF-8 stays as it is. Any other byte becomes `\` and three octal digits, as the kernel itself escapes names in
 * /proc/mounts (string_escape_mem, lib/string_helpers.c). A backslash becomes `\134` only where it would read as such an
 * escape, so that the `\x2d` of systemd's unit names stays what systemctl shows.
 */

/** Strict, and it keeps a byte order mark: without it two names would become one. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const BACKSLASH = 0x5c;

/** By bytes as Latin-1: sequences of RFC 3629, section 4, or else one byte that belongs to none. */
const SEQUENCES = new RegExp(
  [
    String.raw`((?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]`,
    String.raw`|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}`,
    String.raw`|[\xf1-\xf3][\x80-\xbf]{3})+)|([\x80-\xff])`,
  ].join(""),
  "g",
);
/** From `\200` on, and the backslash itself. */
const ESCAPE = /\\(134|[23][0-7]{2})/;
const AMBIGUOUS = /\\(?=134|[23][0-7]{2})/g;

/** UTF-8 up to the first NUL, at most `lengthBytes`; what is not UTF-8 is escaped. */
export function readText(view: DataView, offset: number, lengthBytes: number): string {
  // Names are short and nearly always ASCII: a loop over characters is faster than TextDecoder.
  let text = "";
  for (let at = offset; at < offset + lengthBytes; at++) {
    const code = view.getUint8(at);
    if (code === 0) return text;
    if (code >= 0x80 || code === BACKSLASH)
      return decodeKernelText(new Uint8Array(view.buffer, view.byteOffset + offset, lengthBytes));
    text += String.fromCharCode(code);
  }
  return text;
}

/** The same for bytes of their own. */
export function decodeKernelText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const name = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return escapeBackslashes(decoder.decode(name));
  } catch {
    return Buffer.from(name.buffer, name.byteOffset, name.byteLength)
      .toString("latin1")
      .replaceAll(SEQUENCES, (_, valid: string | undefined, invalid: string = "") =>
        valid === undefined
          ? `\\${invalid.charCodeAt(0).toString(8)}`
          : escapeBackslashes(Buffer.from(valid, "latin1").toString("utf8")),
      );
  }
}

/** The bytes that `decodeKernelText` made the text from, to name the same thing to the kernel again. */
export function encodeKernelText(text: string): Uint8Array {
  if (!ESCAPE.test(text)) return encoder.encode(text);
  const parts = text.split(ESCAPE);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0 ? encoder.encode(part) : Uint8Array.of(Number.parseInt(part, 8)),
    ),
  );
}

function escapeBackslashes(text: string): string {
  return text.replaceAll(AMBIGUOUS, String.raw`\134`);
}

/** Writes the bytes of a text that was read and fills up with NUL; false, and nothing written, where they are too many. */
export function writeText(view: DataView, offset: number, lengthBytes: number, text: string): boolean {
  const encoded = encodeKernelText(text);
  if (encoded.length > lengthBytes) return false;
  const target = new Uint8Array(view.buffer, view.byteOffset + offset, lengthBytes);
  target.fill(0);
  target.set(encoded);
  return true;
}
