/**
 * How far each follower has come, how many records each segment holds, so that the loss of one is counted, and when it was
 * begun on the log's own clock. All of it is one local document: it keeps no revisions, is replaced in one step, and
 * tells retention which followers there are.
 */
import type { AgeClock, NotedAge } from "./age-clock.ts";
import { type Database, openDatabase } from "./pouch-database.ts";

export const CURSORS_DOCUMENT_ID = "cursors";

export interface CursorsContent {
  readonly positions: Readonly<Record<string, string>>;
  readonly records?: Readonly<Record<string, number>>;
  readonly begun?: Readonly<Record<string, number>>;
  readonly age?: NotedAge;
  /** By cursor: the age at which it was found to have no destination. */
  readonly left?: Readonly<Record<string, number>>;
}

/** A destination that will follow the log. */
export interface CursorClaim {
  readonly name: string;
  /** As an earlier version named it; `/2` and so on may stand behind it. */
  readonly formerName: string;
}

const LEFT_MS = 24 * 3_600_000;

export class Cursors {
  readonly #directory: string;
  readonly #positions: Map<string, string>;
  /** By segment; of the one being written it may be some behind. */
  readonly #records: Map<string, number>;
  /** By segment, as `AgeClock` has it. */
  readonly #begun: Map<string, number>;
  /** Those of this process. */
  readonly #followers = new Set<string>();
  readonly #left: Map<string, number>;
  readonly notedAge: NotedAge | undefined;
  /** Written with everything else. */
  ages: AgeClock | undefined;
  #database: Database;
  #pending: PromiseWithResolvers<void> | undefined;
  #draining: Promise<void> | undefined;

  private constructor(directory: string, database: Database, content: CursorsContent) {
    this.#directory = directory;
    this.#database = database;
    this.#positions = new Map(Object.entries(content.positions));
    this.#records = new Map(Object.entries(content.records ?? {}));
    this.#begun = new Map(Object.entries(content.begun ?? {}));
    this.#left = new Map(Object.entries(content.left ?? {}));
    this.notedAge = content.age;
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
    this.#followers.add(name);
    return this.#save();
  }

  /** Names that were saved by this process; others may be of destinations that are gone. */
  followers(): readonly string[] {
    return [...this.#followers];
  }

  countRecords(segment: string): number | undefined {
    return this.#records.get(segment);
  }

  /** Written with the next cursor. */
  noteRecords(segment: string, records: number): void {
    this.#records.set(segment, records);
  }

  begunMs(segment: string): number | undefined {
    return this.#begun.get(segment);
  }

  /** Written with the next cursor. */
  noteBegun(segment: string, ageMs: number): void {
    this.#begun.set(segment, ageMs);
  }

  forgetSegment(segment: string): void {
    this.#records.delete(segment);
    this.#begun.delete(segment);
  }

  /**
   * Takes over what an earlier version saved where only one destination can be meant. A cursor that has no destination
   * is kept for a day. Returns a sentence for each of both.
   */
  claim(claims: readonly CursorClaim[], nowMs: number): string[] {
    const news: string[] = [];
    this.#forgetLeft(nowMs);
    const names = new Set(claims.map(({ name }) => name));
    for (const { name, formerName } of claims) {
      this.#left.delete(name);
      const former = this.names().filter((saved) => !names.has(saved) && isFormer(saved, formerName));
      const isSingle = claims.filter((other) => other.formerName === formerName).length === 1;
      const [only] = former;
      if (this.#positions.has(name) || only === undefined || former.length > 1 || !isSingle) continue;
      this.#positions.set(name, this.#positions.get(only) ?? "");
      this.#positions.delete(only);
      this.#left.delete(only);
      news.push(`${name} goes on where ${only}, its name in an earlier version, had come to`);
    }
    for (const name of this.names()) {
      if (names.has(name)) continue;
      if (!this.#left.has(name)) this.#left.set(name, nowMs);
      news.push(`no destination is named ${name}; how far it had come is kept for a day, then forgotten`);
    }
    // What cannot be written now is found again by the next start.
    if (news.length > 0) void this.#save().catch(() => {});
    return news;
  }

  /** Written with the next cursor. */
  #forgetLeft(nowMs: number): void {
    for (const [name, leftMs] of this.#left) {
      if (nowMs - leftMs < LEFT_MS) continue;
      this.#left.delete(name);
      this.#positions.delete(name);
    }
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
      if (this.ages) this.#forgetLeft(this.ages.now());
      try {
        await this.#database.writeLocal(CURSORS_DOCUMENT_ID, {
          positions: Object.fromEntries(this.#positions),
          records: Object.fromEntries(this.#records),
          begun: Object.fromEntries(this.#begun),
          left: Object.fromEntries(this.#left),
          ...(this.ages ? { age: this.ages.note() } : {}),
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

function isFormer(saved: string, formerName: string): boolean {
  return saved.startsWith(formerName) && /^(\/\d+)?$/.test(saved.slice(formerName.length));
}
