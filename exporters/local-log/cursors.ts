/**
 * How far each follower has come, and how many records each segment holds, so that the loss of one is counted. All of
 * it is one local document: it keeps no revisions, is replaced in one step, and tells retention which followers there are.
 */
import { type Database, openDatabase } from "./pouch-database.ts";

export const CURSORS_DOCUMENT_ID = "cursors";

export interface CursorsContent {
  readonly positions: Readonly<Record<string, string>>;
  readonly records?: Readonly<Record<string, number>>;
}

export class Cursors {
  readonly #directory: string;
  readonly #positions: Map<string, string>;
  /** By segment; of the one being written it may be some behind. */
  readonly #records: Map<string, number>;
  #database: Database;
  #pending: PromiseWithResolvers<void> | undefined;
  #draining: Promise<void> | undefined;

  private constructor(directory: string, database: Database, { positions, records = {} }: CursorsContent) {
    this.#directory = directory;
    this.#database = database;
    this.#positions = new Map(Object.entries(positions));
    this.#records = new Map(Object.entries(records));
  }

  static async open(directory: string): Promise<Cursors> {
    const database = await openDatabase(directory);
    const found = await database.readLocal<CursorsContent>(CURSORS_DOCUMENT_ID);
    return new Cursors(directory, database, found ?? { positions: {} });
  }

  names(): string[] {
    return [...this.#positions.keys()];
  }

  load(name: string): string | undefined {
    return this.#positions.get(name);
  }

  /** Valid at once in this process, resolves when written. Saves that come while one is written go together. */
  save(name: string, uid: string): Promise<void> {
    this.#positions.set(name, uid);
    return this.#save();
  }

  countRecords(segment: string): number | undefined {
    return this.#records.get(segment);
  }

  /** Written with the next cursor. */
  noteRecords(segment: string, records: number): void {
    this.#records.set(segment, records);
  }

  forgetRecords(segment: string): void {
    this.#records.delete(segment);
  }

  /** Writes what was noted. */
  write(): Promise<void> {
    return this.#save();
  }

  #save(): Promise<void> {
    this.#pending ??= Promise.withResolvers<void>();
    const { promise } = this.#pending;
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
    return promise;
  }

  async close(): Promise<void> {
    await this.#draining;
    await this.#database.close();
  }

  async #drain(): Promise<void> {
    while (this.#pending) {
      const { resolve, reject } = this.#pending;
      this.#pending = undefined;
      try {
        await this.#database.writeLocal(CURSORS_DOCUMENT_ID, {
          positions: Object.fromEntries(this.#positions),
          records: Object.fromEntries(this.#records),
        });
        resolve();
      } catch (error) {
        reject(error);
        await this.#reopen();
      }
    }
  }

  // LevelDB must not write on behind a torn write, which a full disk leaves.
  async #reopen(): Promise<void> {
    try {
      await this.#database.close();
      this.#database = await openDatabase(this.#directory);
      await this.#database.readLocal(CURSORS_DOCUMENT_ID);
    } catch {
      // The next save meets the same trouble and rejects with it.
    }
  }
}
