/** The disk of the log is full for a while: what finds no place is refused, the least severe first, and counted. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readErrorCode } from "#exporters/coded-error.ts";
import { waitUntil } from "../live/wait-until.ts";
import { createSink, Line } from "./line.ts";

const DISK_MIB = 24;
const BUFFER_RECORDS = 1000;
const [INFO, WARN, ERROR] = [9, 13, 17] as const;

test("a full disk refuses the least severe first, stalls nobody, and both equations hold", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-full-"));
  const disk = join(directory, "disk");
  mkdirSync(disk);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MIB}m`, "tmpfs", disk]);
  context.after(() => {
    spawnSync("umount", ["-l", disk]);
    rmSync(directory, { recursive: true, force: true });
  });
  if (status !== 0) return context.skip("a tmpfs could not be mounted here (needs root)");

  const sink = createSink("sink");
  const line = await Line.start(context, [sink], {
    directory: join(disk, "log"),
    writer: { maxBufferedRecords: BUFFER_RECORDS },
  });
  line.offer(400, { severityNumber: INFO });
  await line.settle();
  const ballast = join(disk, "ballast");
  const free = spawnSync("df", ["--output=avail", "-B1", disk], { encoding: "utf8" }).stdout.split("\n")[1];
  // LevelDB needs room for a log and for the table made of it; this leaves it a little of what it needs.
  writeFileSync(ballast, new Uint8Array(Number(free) - 256 * 1024));

  const offer = (count: number, severityNumber: number): void =>
    line.offer(count, { severityNumber, attributes: { "error.type": String(severityNumber) } });
  for (let round = 0; line.errors.length === 0; round++) {
    offer(100, INFO);
    await line.writer.flush(200);
    line.checkBooks();
    assert.ok(round < 1000, "the disk never was full");
  }
  assert.equal(readErrorCode(line.errors[0]), "LOCAL_LOG_DISK_FULL");
  // Every call returns at once, whatever there is room for.
  offer(2 * BUFFER_RECORDS, INFO);
  offer(300, WARN);
  offer(300, ERROR);
  offer(2 * BUFFER_RECORDS, INFO);
  line.checkBooks();
  assert.equal(line.writer.bufferedRecords, BUFFER_RECORDS);
  const refusedWhileFull = line.refused.length;
  assert.ok(refusedWhileFull >= 3 * BUFFER_RECORDS);
  for (const { severityNumber } of line.refused) assert.equal(severityNumber, INFO);

  truncateSync(ballast, 0);
  await waitUntil("the log to take records again", () => line.writer.bufferedRecords === 0 || undefined);
  offer(10, INFO);
  await line.settle();
  assert.equal(line.refused.length, refusedWhileFull);
  assert.equal(line.stored.length, line.offered - refusedWhileFull);
  const countStored = (severity: number): number =>
    line.stored.filter(({ severityNumber }) => Number(severityNumber) === severity).length;
  assert.deepEqual([countStored(WARN), countStored(ERROR)], [300, 300]);
  assert.deepEqual(
    sink.taken,
    line.stored.map(({ attributes }) => attributes["thread.id"]),
  );
});
