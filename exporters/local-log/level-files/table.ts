/** One of LevelDB's tables, an immutable `.ldb` file with sorted keys (LevelDB, doc/table_format.md). */
import { closeSync, fstatSync, readSync } from "node:fs";
import { readErrorCode } from "../../coded-error.ts";
import { ByteReader, LevelDamage } from "./byte-reader.ts";
import { maskedChecksum } from "./crc32c.ts";
import { type Entry, readTableEntry } from "./entries.ts";
import { decompressSnappy } from "./snappy.ts";
import { withoutTrailer } from "./version.ts";

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Compression and checksum, behind each block. */
const TRAILER_BYTES = 5;
const SNAPPY = 1;

interface Block {
  /** No key in it is greater. */
  readonly lastKey: Buffer;
  readonly offset: number;
  readonly sizeBytes: number;
}

export class Table {
  readonly #file: number;
  readonly #sizeBytes: number;
  #blocks: readonly Block[] | undefined;

  /** Takes over the open file. */
  constructor(file: number) {
    this.#file = file;
    this.#sizeBytes = fstatSync(file).size;
  }

  /**
   * Entries whose keys are between two keys, both included. A damaged block is left out; one that is needed and whose
   * place is not known, because the index is damaged, makes it throw `LevelDamage`.
   */
  *readRange(from: Buffer, to: Buffer): Generator<Entry, void, undefined> {
    this.#blocks ??= this.#readIndex();
    for (const block of this.#blocks) {
      if (Buffer.compare(block.lastKey, from) < 0) continue;
      for (const entry of this.#readEntries(block)) {
        if (Buffer.compare(entry.key, to) > 0) return;
        if (Buffer.compare(entry.key, from) >= 0) yield entry;
      }
      if (Buffer.compare(block.lastKey, to) > 0) return;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  *#readEntries({ offset, sizeBytes }: Block): Generator<Entry, void, undefined> {
    try {
      for (const { key, value } of readBlock(this.#readContent(offset, sizeBytes))) {
        yield readTableEntry(key, value);
      }
    } catch (error) {
      // The caller misses what was in it: documents are numbered.
      if (!(error instanceof LevelDamage)) throw error;
    }
  }

  #readIndex(): Block[] {
    const footer = this.#read(this.#sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
    if (footer.readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) throw new LevelDamage("a table has no footer");
    const handles = new ByteReader(footer);
    handles.readVarint();
    handles.readVarint();
    const index = this.#readContent(handles.readVarint(), handles.readVarint());
    return Array.from(readBlock(index), ({ key, value }) => {
      const handle = new ByteReader(value);
      return { lastKey: withoutTrailer(key), offset: handle.readVarint(), sizeBytes: handle.readVarint() };
    });
  }

  #readContent(offset: number, sizeBytes: number): Buffer {
    const stored = this.#read(offset, sizeBytes + TRAILER_BYTES);
    if (stored.readUInt32LE(sizeBytes + 1) !== maskedChecksum(stored, 0, sizeBytes + 1)) {
      throw new LevelDamage("a block does not match its checksum");
    }
    const content = stored.subarray(0, sizeBytes);
    return stored[sizeBytes] === SNAPPY ? decompressSnappy(content) : content;
  }

  #read(offset: number, length: number): Buffer {
    if (offset < 0 || offset + length > this.#sizeBytes) throw new LevelDamage("a table is too short");
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const count = readAt(this.#file, bytes.subarray(done), offset + done);
      if (count === 0) throw new LevelDamage("a table is too short");
      done += count;
    }
    return bytes;
  }
}

/** What the device cannot give is as lost as what it gives wrong. */
function readAt(file: number, bytes: Buffer, offset: number): number {
  try {
    return readSync(file, bytes, 0, bytes.length, offset);
  } catch (error) {
    if (readErrorCode(error) !== "EIO") throw error;
    throw new LevelDamage("the device cannot read a table", { cause: error });
  }
}

/** Each key shares its beginning with the one before; the restart points at the end only serve to jump. */
function* readBlock(content: Buffer): Generator<{ key: Buffer; value: Buffer }, void, undefined> {
  if (content.length < 4) throw new LevelDamage("a block is too short");
  const restarts = content.readUInt32LE(content.length - 4);
  const end = content.length - 4 - restarts * 4;
  if (end < 0) throw new LevelDamage("a block is too short");
  const entries = new ByteReader(content, 0, end);
  for (let key: Buffer = Buffer.alloc(0); !entries.isAtEnd;) {
    const [shared, own, length] = [entries.readVarint(), entries.readVarint(), entries.readVarint()];
    if (shared > key.length) throw new LevelDamage("a key shares more than there is");
    key = Buffer.concat([key.subarray(0, shared), entries.readBytes(own)]);
    yield { key, value: entries.readBytes(length) };
  }
}
