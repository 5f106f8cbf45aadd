import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { readErrorCode } from "../coded-error.ts";
import { readUid } from "../contract.ts";
import { createSampleRecord } from "../sample-record.ts";
import { type LocalLog, openLocalLog } from "./local-log.ts";
import { LogWriter } from "./log-writer.ts";
import { createUidSource } from "./uid.ts";

const CHILD = path.join(import.meta.dirname, "fixtures/append-until-killed.ts");

async function createDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "local-log-crash-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function readUids(log: LocalLog): Promise<string[]> {
  const uids: string[] = [];
  for await (const batch of log.read({})) uids.push(...batch.map((record) => readUid(record) ?? ""));
  return uids;
}

/** Starts the child, kills it after so many lines, and returns the uids it had confirmed. */
async function appendAndKill(directory: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const confirmed: string[] = [];
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    confirmed.push(...line.split(" "));
    seen += 1;
    if (seen === lines) child.kill("SIGKILL");
  }
  return confirmed;
}

test("after kill -9 every confirmed record is there, in order, and nothing twice", async (context) => {
  const directory = await createDirectory(context);
  const confirmed: string[] = [];
  for (const lines of [1, 7, 23, 60]) {
    confirmed.push(...(await appendAndKill(directory, lines)));
    const log = await openLocalLog({ directory });
    const found = await readUids(log);
    await log.close();
    assert.deepEqual(found, [...new Set(found)].sort());
    const missing = new Set(confirmed).difference(new Set(found));
    assert.equal(missing.size, 0, `${missing.size} confirmed records are missing`);
  }
});

test("a log that another process holds is refused by name", async (context) => {
  const directory = await createDirectory(context);
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    await new Promise((resolve) => child.stdout.once("data", resolve));
    await assert.rejects(openLocalLog({ directory }), {
      code: "LOCAL_LOG_LOCKED",
      message: new RegExp(directory),
    });
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
});

test("a full disk refuses with its code, and the writer goes on when there is room again", async (context) => {
  const parent = await createDirectory(context);
  const mountPoint = path.join(parent, "small");
  await mkdir(mountPoint);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", mountPoint]);
  if (mounted.status !== 0) return context.skip("a tmpfs could not be mounted here (needs root)");
  try {
    // LevelDB needs room for a log and the table made of it at the same time.
    const ballast = path.join(mountPoint, "ballast");
    await writeFile(ballast, new Uint8Array(23 * 1024 * 1024));
    const log = await openLocalLog({ directory: path.join(mountPoint, "log") });
    const errors: unknown[] = [];
    const stored: string[] = [];
    const nextUid = createUidSource();
    const offered = Array.from({ length: 5000 }, nextUid);
    const writer = new LogWriter(log, {
      onError: (error) => {
        errors.push(error);
        // The first failure proves the point; from then on there is room.
        if (errors.length === 1) void truncate(ballast, 0);
      },
      onStored: (records) => stored.push(...records.map((record) => readUid(record) ?? "")),
    });
    for (const uid of offered) writer.offer(createSampleRecord(uid));
    assert.equal(await writer.flush(30_000), true);
    assert.equal(readErrorCode(errors[0]), "LOCAL_LOG_DISK_FULL");
    assert.deepEqual(stored, offered);
    await writer.close(1000);
    await log.close();
    const again = await openLocalLog({ directory: path.join(mountPoint, "log") });
    assert.deepEqual(await readUids(again), offered);
    await again.close();
  } finally {
    spawnSync("umount", ["-l", mountPoint]);
  }
});

test("flipped bytes in a segment cost the records they hit, are counted, and end nothing", async (context) => {
  const directory = await createDirectory(context);
  const log = await openLocalLog({ directory });
  const nextUid = createUidSource();
  const stored = Array.from({ length: 20 }, () => Array.from({ length: 500 }, nextUid));
  for (const uids of stored) await log.append(uids.map((uid) => createSampleRecord(uid)));
  await log.close();
  const segments = path.join(directory, "segments");
  const [segment = ""] = await readdir(segments);
  const files = (await readdir(path.join(segments, segment))).filter((name) => name.endsWith(".ldb"));
  assert.notEqual(files.length, 0);
  for (const name of files) {
    const file = path.join(segments, segment, name);
    const content = await readFile(file);
    // In the middle of the data blocks; the index at the end of the file stays whole.
    content.fill(0xff, Math.floor(content.length / 3), Math.floor(content.length / 3) + 200);
    await writeFile(file, content);
  }
  const again = await openLocalLog({ directory });
  const found = await readUids(again);
  const { unreadable, quarantinedSegments } = again.counts();
  assert.ok(unreadable + quarantinedSegments > 0, "nothing was counted");
  assert.ok(new Set(found).isSubsetOf(new Set(stored.flat())));
  const uid = createUidSource(again.newestUid())();
  await again.append([createSampleRecord(uid)]);
  assert.equal((await readUids(again)).at(-1), uid);
  await again.close();
});
