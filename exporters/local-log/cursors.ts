/**
 * How far each follower has come. All cursors are one local document: it keeps no revisions, is replaced in one
 * step, and tells retention which followers there are.
 */
import { type Database, openDatabase } from "./pouch-database.ts";

const DOCUMENT_ID = "cursors";

export class Cursors {
  readonly #directory: string;
  readonly #positions: Map<string, string>;
  #database: Database;
  #pending: PromiseWithResolvers<void> | undefined;
  #draining: Promise<void> | undefined;

  private constructor(directory: string, database: Database, positions: Map<string, string>) {
    this.#directory = directory;
    this.#database = database;
    this.#positions = positions;
  }

  static async open(directory: string): Promise<Cursors> {
    const database = await openDatabase(directory);
    const found = await database.readLocal<{ readonly positions: Record<string, string> }>(DOCUMENT_ID);
    return new Cursors(directory, database, new Map(Object.entries(found?.positions ?? {})));
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
        await this.#database.writeLocal(DOCUMENT_ID, { positions: Object.fromEntries(this.#positions) });
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
      await this.#database.readLocal(DOCUMENT_ID);
    } catch {
      // The next save meets the same trouble and rejects with it.
    }
  }
}
