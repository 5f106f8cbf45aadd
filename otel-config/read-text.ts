/** Reads the file, which may be anything that a path can name: it ends in bounded time and memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** A file of every setting with its comments has 30 KiB. */
const LARGEST_FILE_MIB = 1;
const LARGEST_FILE_BYTES = LARGEST_FILE_MIB * 1024 * 1024;

/** The text, or what is wrong with the file. Throws the system's error where it cannot be opened or read. */
export function readText(path: string): { readonly text: string } | { readonly problem: string } {
  // Without O_NONBLOCK, opening a FIFO waits for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const before = fstatSync(file, { bigint: true });
    if (!before.isFile()) return { problem: "is not a regular file" };
    const bytes = readBytes(file);
    if (bytes.length > LARGEST_FILE_BYTES)
      return { problem: `is larger than ${LARGEST_FILE_MIB} MiB, which is the most that is read` };
    const after = fstatSync(file, { bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs)
      return { problem: "was written to while it was read; replace it by renaming a complete one" };
    return decode(bytes);
  } finally {
    closeSync(file);
  }
}

/** One byte more than is allowed at most. */
function readBytes(file: number): Buffer {
  const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
  let size = 0;
  for (;;) {
    const count = readSync(file, buffer, size, buffer.length - size, null);
    size += count;
    if (count === 0 || size === buffer.length) return buffer.subarray(0, size);
  }
}

function decode(bytes: Buffer): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "is not text in UTF-8" };
  }
}
