/** Text in fixed-size fields, as the kernel's `comm` has it. */

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** UTF-8 up to the first NUL, at most `lengthBytes`. What is not UTF-8 becomes U+FFFD. */
export function readText(view: DataView, offset: number, lengthBytes: number): string {
  // Names are short and nearly always ASCII: a loop over characters is faster than TextDecoder.
  let text = "";
  for (let at = offset; at < offset + lengthBytes; at++) {
    const code = view.getUint8(at);
    if (code === 0) return text;
    if (code >= 0x80) return decodeText(view, offset, lengthBytes);
    text += String.fromCharCode(code);
  }
  return text;
}

function decodeText(view: DataView, offset: number, lengthBytes: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, lengthBytes);
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Writes UTF-8 and fills up with NUL; false, and nothing written, where the text is too long. */
export function writeText(view: DataView, offset: number, lengthBytes: number, text: string): boolean {
  const encoded = encoder.encode(text);
  if (encoded.length > lengthBytes) return false;
  const target = new Uint8Array(view.buffer, view.byteOffset + offset, lengthBytes);
  target.fill(0);
  target.set(encoded);
  return true;
}
