import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { type LocalLog, openLocalLog } from "./local-log.ts";

const DAY_MS = 24 * 3_600_000;

interface Opened {
  /** The same log at the next start, so many milliseconds of the machine's time later. */
  readonly open: (laterMs: number) => Promise<LocalLog>;
}

async function openCursors(
  context: TestContext,
  positions: Readonly<Record<string, string>>,
): Promise<Opened> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-cursors-"));
  let log: LocalLog | undefined;
  context.after(async () => {
    await log?.close();
    rmSync(directory, { recursive: true });
  });
  const open = async (laterMs: number): Promise<LocalLog> => {
    await log?.close();
    const bootMs = 1000 + laterMs;
    log = await openLocalLog({ directory, clocks: () => ({ bootId: "one", bootMs, wallMs: bootMs }) });
    return log;
  };
  const first = await open(0);
  for (const [name, uid] of Object.entries(positions)) await first.saveCursor(name, uid);
  return { open };
}

const one = { name: "otlp_http/a:4318/one", formerName: "otlp_http/a:4318" };
const two = { name: "otlp_http/a:4318/two", formerName: "otlp_http/a:4318" };

test("the cursor of an earlier version is taken over by the one destination that it can be meant for", async (context) => {
  const { open } = await openCursors(context, { "otlp_http/a:4318": "U1", "otlp_http/b:4318": "U2" });
  const news = (await open(0)).claimCursors([one]);
  assert.deepEqual(
    news.map((line) => line.split(" ")[0]),
    [one.name, "no"],
  );
  const again = await open(0);
  assert.equal(again.loadCursor(one.name), "U1");
  assert.equal(again.loadCursor("otlp_http/a:4318"), undefined);
});

test("where two could be meant none inherits, and what is left is said", async (context) => {
  const { open } = await openCursors(context, { "otlp_http/a:4318": "U1", "otlp_http/a:4318/2": "U2" });
  const log = await open(0);
  assert.equal(log.claimCursors([one, two]).length, 2);
  assert.equal(log.loadCursor(one.name), undefined);
  log.claimCursors([two]);
  assert.equal(log.loadCursor(two.name), undefined);
});

test("of two endpoints on one host, the one that stays does not inherit the cursor of the one that is taken out", async (context) => {
  const { open } = await openCursors(context, { [one.name]: "U9", [two.name]: "U1" });
  assert.equal((await open(0)).claimCursors([two]).length, 1);
  const early = await open(DAY_MS - 1);
  early.claimCursors([two]);
  assert.deepEqual([early.loadCursor(one.name), early.loadCursor(two.name)], ["U9", "U1"]);
  const late = await open(DAY_MS);
  late.claimCursors([two]);
  assert.deepEqual([late.loadCursor(one.name), late.loadCursor(two.name)], [undefined, "U1"]);
});
