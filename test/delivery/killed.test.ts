/** A process that stores and sends is killed at a hundred random moments: nothing is lost, and nothing is there twice. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readUid } from "#exporters/contract.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { startDelivery } from "#exporters/delivery/delivery.ts";
import { waitUntil } from "../live/wait-until.ts";
import { assertBooks } from "./books.ts";
import { createLineDestination, listenForLines } from "./line-destination.ts";

const CHILD = join(import.meta.dirname, "fixtures/ship-numbered.ts");
/** Each with a log of its own; they share the processors, and none waits for another. */
const LANES = 4;
const KILLS_PER_LANE = 25;

interface Places {
  readonly logDirectory: string;
  readonly socketPath: string;
}

/** Kills the child at a moment of its life, its start included; returns the numbers that it said are durable. */
async function shipAndKill({ logDirectory, socketPath }: Places, cache: string): Promise<number[]> {
  const child = spawn(process.execPath, [CHILD, logDirectory, socketPath], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const durable: number[] = [];
  const lines = createInterface({ input: child.stdout });
  const closed = once(lines, "close");
  const began = once(lines, "line");
  lines.on("line", (line) => void durable.push(...line.split(" ").map(Number)));
  // Much of a short life is the start, before there is a load: three of four die under it.
  if (Math.random() < 0.75) await Promise.race([began, closed]);
  await sleep(Math.random() * 200);
  assert.equal(child.exitCode, null, "the child ended by itself");
  child.kill("SIGKILL");
  await closed;
  return durable;
}

interface Outcome {
  readonly stored: number;
  readonly arrived: number;
  readonly twice: number;
}

async function killAgainAndAgain(directory: string, cache: string): Promise<Outcome> {
  const places = { logDirectory: join(directory, "log"), socketPath: join(directory, "socket") };
  const numbers = new Map<string, number>();
  let arrived = 0;
  const server = await listenForLines(places.socketPath, (batch) => {
    arrived += batch.length;
    for (const [uid, number] of batch) {
      assert.equal(numbers.get(uid) ?? number, number, "one uid, two records");
      numbers.set(uid, number);
    }
  });
  const durable: number[] = [];
  for (let kill = 0; kill < KILLS_PER_LANE; kill++) durable.push(...(await shipAndKill(places, cache)));

  const log = await openLocalLog({ directory: places.logDirectory });
  const destination = createLineDestination(places.socketPath);
  const backlog = await log.countAfter(log.loadCursor(destination.name) ?? "");
  const delivery = startDelivery(log, destination, { batchDelayMs: 1 });
  await waitUntil("everything to be delivered", () => delivery.counts().exported >= backlog || undefined);
  assertBooks(delivery, backlog);
  assert.equal(delivery.counts().pending, 0);
  const stored: (readonly [uid: string, number: number])[] = [];
  for await (const batch of log.read({}))
    for (const record of batch) stored.push([readUid(record) ?? "", Number(record.attributes["thread.id"])]);
  const { unreadable, quarantinedSegments, expired } = log.counts();
  assert.deepEqual([unreadable, quarantinedSegments, expired], [0, 0, 0]);
  await delivery.close(0);
  await log.close();
  server.close();

  // Without a gap, none twice, in the order of the uids, and everything that was said to be durable.
  assert.deepEqual(
    stored.map(([, number]) => number),
    Array.from({ length: stored.length }, (_, index) => index + 1),
  );
  assert.ok(durable.every((number) => number <= stored.length));
  assert.deepEqual(
    [...numbers].toSorted(([left], [right]) => (left < right ? -1 : 1)),
    stored,
  );
  return { stored: stored.length, arrived, twice: arrived - numbers.size };
}

test("after a hundred kills every stored record has arrived, numbered without a gap, one uid for each", async (context) => {
  const directories = Array.from({ length: LANES }, () => mkdtempSync(join(tmpdir(), "kerntel-killed-")));
  context.after(() => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  const cache = join(directories[0] ?? "", "cache");
  const outcomes = await Promise.all(directories.map((directory) => killAgainAndAgain(directory, cache)));
  for (const { stored, arrived, twice } of outcomes) {
    context.diagnostic(`${stored} records stored, ${arrived} arrived, ${twice} of them again after a kill`);
    assert.ok(stored > KILLS_PER_LANE);
  }
});
