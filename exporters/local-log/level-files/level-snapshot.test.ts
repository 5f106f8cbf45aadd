import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { LevelSnapshot } from "./level-snapshot.ts";

interface LevelUp {
  open(options: object, callback: (error?: Error) => void): void;
  batch(writes: readonly object[], callback: (error?: Error) => void): void;
  compactRange(from: string, to: string, callback: (error?: Error) => void): void;
  close(callback: (error?: Error) => void): void;
}

const leveldown = createRequire(import.meta.url)("leveldown") as (location: string) => LevelUp;

/** Small, so that a few thousand keys make many tables, logs and levels. */
const SMALL_TABLES = { writeBufferSize: 64 * 1024, maxFileSize: 1 << 20 };

let directory = "";
let random = createRandom(1);

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "level-files-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Every value that a key ever had. */
type History = Map<string, Set<string | undefined>>;

async function call(work: (callback: (error?: Error) => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
  });
}

async function withLevel(work: (level: LevelUp) => Promise<void>): Promise<void> {
  const level = leveldown(directory);
  await call((done) => level.open(SMALL_TABLES, done));
  await work(level);
  await call((done) => level.close(done));
}

/** Writes, overwrites and deletes; some values span several blocks of the log, some compress well, some do not. */
async function writeBatches(level: LevelUp, count: number, history: History): Promise<Map<string, string>> {
  const now = new Map<string, string>();
  for (let batch = 0; batch < count; batch += 1) {
    const writes = Array.from({ length: 40 }, () => {
      const key = `key ${String(Math.floor(random() * 2000)).padStart(5, "0")} é`;
      const value = random() < 0.1 ? undefined : createValue();
      if (value === undefined) now.delete(key);
      else now.set(key, value);
      history.set(key, (history.get(key) ?? new Set([undefined])).add(value));
      return value === undefined ? { type: "del", key } : { type: "put", key, value };
    });
    await call((done) => level.batch(writes, done));
  }
  return now;
}

function createValue(): string {
  if (random() < 0.01) return String(random()).repeat(4000);
  const length = Math.floor(random() * 300);
  return random() < 0.5 ? "abcab".repeat(length / 5) : Array.from({ length: length / 18 }, random).join("");
}

/** The same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function readAll(): Promise<{
  readonly found: Map<string, string>;
  readonly damage: readonly string[];
}> {
  const snapshot = LevelSnapshot.open(directory);
  const found = new Map(await snapshot.readRange("", "\u{10ffff}"));
  snapshot.close();
  return { found, damage: snapshot.damage };
}

test("what LevelDB wrote is read as LevelDB reads it, with its log unread, behind restarts and compaction", async () => {
  random = createRandom(7);
  const expected = new Map<string, string>();
  for (let life = 0; life < 4; life += 1) {
    await withLevel(async (level) => {
      const written: History = new Map();
      const now = await writeBatches(level, 70, written);
      for (const key of written.keys()) {
        const value = now.get(key);
        if (value === undefined) expected.delete(key);
        else expected.set(key, value);
      }
      if (life === 1) await call((done) => level.compactRange("", "\u{10ffff}", done));
      // While LevelDB holds the directory, locked and with a log that is not in a table yet.
      const { found, damage } = await readAll();
      assert.deepEqual(damage, []);
      assert.deepEqual(
        [...found],
        [...expected].sort(([one], [other]) => (one < other ? -1 : 1)),
      );
    });
  }
  assert.ok(readdirSync(directory).some((name) => name.endsWith(".ldb")));
  const snapshot = LevelSnapshot.open(directory);
  const keys = [...expected.keys()].sort();
  const [from = "", to = ""] = [keys[300], keys[350]];
  assert.deepEqual(
    await snapshot.readRange(from, to),
    keys.slice(300, 351).map((key) => [key, expected.get(key)]),
  );
  assert.equal(await snapshot.readValue("absent"), undefined);
  // The files are held: a directory that is destroyed can be read on.
  rmSync(directory, { recursive: true });
  assert.equal(await snapshot.readValue(from), expected.get(from));
  snapshot.close();
});

test("no flipped, cut or missing bytes make a value that was never written", async (context) => {
  const seed = Date.now() % 1_000_000;
  context.diagnostic(`seed ${seed}`);
  random = createRandom(seed);
  const history: History = new Map();
  await withLevel(async (level) => void (await writeBatches(level, 60, history)));
  const names = readdirSync(directory).filter((name) => /ldb$|log$|MANIFEST|CURRENT/.test(name));
  const outcomes = { whole: 0, damaged: 0 };
  for (let round = 0; round < 120; round += 1) {
    const file = path.join(directory, names[Math.floor(random() * names.length)] ?? "");
    const whole = readFileSync(file);
    const broken = Buffer.from(whole);
    const at = Math.floor(random() * whole.length);
    if (random() < 0.7) broken[at] = Math.floor(random() * 256);
    else if (random() < 0.5) broken.fill(0, at, Math.min(at + 600, whole.length));
    writeFileSync(file, random() < 0.2 ? broken.subarray(0, at) : broken);
    try {
      const { found, damage } = await readAll();
      outcomes[damage.length === 0 ? "whole" : "damaged"] += 1;
      for (const [key, value] of found) assert.ok(history.get(key)?.has(value), `${key} in ${file}`);
    } finally {
      writeFileSync(file, whole);
    }
  }
  context.diagnostic(JSON.stringify(outcomes));
  assert.ok(outcomes.damaged > 0);
});
