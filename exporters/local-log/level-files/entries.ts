/** Keys and values on their way out of LevelDB's files: of several writes to one key the last counts. */
import { ByteReader } from "./byte-reader.ts";
import { withoutTrailer } from "./version.ts";

export interface Entry {
  readonly key: Buffer;
  /** LevelDB numbers all writes. */
  readonly sequence: number;
  /** Absent where this write deleted the key. */
  readonly value: Buffer | undefined;
}

const VALUE = 1;
const BATCH_HEADER_BYTES = 12;

/** An entry of a table: sequence number (56 bits) and type (8 bits) lie behind the key. */
export function readTableEntry(key: Buffer, value: Buffer): Entry {
  const user = withoutTrailer(key);
  const type = key[user.length];
  const sequence = key.readUIntLE(user.length + 1, 6);
  return { key: user, sequence, value: type === VALUE ? value : undefined };
}

/** The writes of a record of the log (db/write_batch.cc). Throws `LevelDamage` where it ends too early. */
export function* readBatch(record: Buffer): Generator<Entry, void, undefined> {
  const batch = new ByteReader(record);
  const header = batch.readBytes(BATCH_HEADER_BYTES);
  for (let sequence = header.readUIntLE(0, 6); !batch.isAtEnd; sequence += 1) {
    const type = batch.readBytes(1)[0];
    const key = batch.readString();
    yield { key, sequence, value: type === VALUE ? batch.readString() : undefined };
  }
}

/** The newest entry of each key. */
export class NewestEntries {
  readonly #entries = new Map<string, Entry>();

  add(entry: Entry): void {
    const name = entry.key.toString("latin1");
    const known = this.#entries.get(name);
    if (known === undefined || known.sequence <= entry.sequence) this.#entries.set(name, entry);
  }

  values(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** In the order of the keys, without those that were deleted. */
  toSorted(): readonly { readonly key: Buffer; readonly value: Buffer }[] {
    const found: { readonly key: Buffer; readonly value: Buffer }[] = [];
    for (const { key, value } of this.#entries.values()) if (value) found.push({ key, value });
    return found.sort((one, other) => Buffer.compare(one.key, other.key));
  }
}
