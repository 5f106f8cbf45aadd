/** Files of the log are damaged while no one looks: what is lost is counted to the record, and the rest arrives. */
import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { createSink, Line } from "./line.ts";

const RECORDS = 6000;

interface Stocked {
  readonly directory: string;
  /** Oldest first. */
  readonly segments: readonly string[];
}

/** A log of six segments of 1,000 records, which nobody has got yet. LevelDB makes tables of its logs when it opens them again. */
async function stock(context: TestContext, areTables: boolean): Promise<Stocked> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-damaged-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const line = await Line.start(context, [createSink("first", true), createSink("second", true)], {
    directory,
    log: { segmentBytes: 1 },
  });
  for (let round = 0; round < RECORDS / 500; round++) {
    line.offer(500);
    await line.writer.flush(60_000);
  }
  await line.close();
  if (areTables) {
    const again = await Line.start(context, [], { directory });
    for await (const _ of again.log.read({}));
    await again.close();
  }
  const segments = readdirSync(join(directory, "segments")).sort();
  assert.equal(segments.length, RECORDS / 1000);
  return { directory, segments: segments.map((name) => join(directory, "segments", name)) };
}

/** The files that hold LevelDB's records: its log, or the tables made of it. */
function listData(segment = ""): string[] {
  const files = readdirSync(segment).filter((name) => /\.(?:ldb|log)$/.test(name));
  return files.map((name) => join(segment, name)).filter((file) => statSync(file).size > 0);
}

function flip(file: string, share: number, sizeBytes: number): void {
  const content = readFileSync(file);
  const at = Math.floor(content.length * share);
  for (let offset = at; offset < at + sizeBytes; offset++) content[offset] = (content[offset] ?? 0) ^ 0xff;
  writeFileSync(file, content);
}

interface Damage {
  readonly title: string;
  readonly areTables?: boolean;
  readonly damage: (segment: string) => void;
  /** Records that are lost at least and at most. */
  readonly lost: readonly [atLeast: number, atMost: number];
  readonly aside: number;
}

const cases: readonly Damage[] = [
  {
    title: "flipped bytes in the tables",
    damage: (segment) => listData(segment).forEach((file) => flip(file, 0.2, 200)),
    lost: [1, 999],
    aside: 0,
  },
  {
    title: "flipped bytes in LevelDB's log",
    areTables: false,
    damage: (segment) => listData(segment).forEach((file) => flip(file, 0.75, 200)),
    lost: [500, 500],
    aside: 0,
  },
  {
    title: "flipped bytes at the start of LevelDB's log, where the resource is",
    areTables: false,
    damage: (segment) => listData(segment).forEach((file) => flip(file, 0.1, 200)),
    lost: [1000, 1000],
    aside: 0,
  },
  {
    title: "LevelDB's log cut off",
    areTables: false,
    damage: (segment) =>
      listData(segment).forEach((file) => truncateSync(file, Math.floor(statSync(file).size * 0.7))),
    lost: [500, 500],
    aside: 0,
  },
  {
    title: "tables cut off in the middle",
    damage: (segment) =>
      listData(segment).forEach((file) => truncateSync(file, Math.floor(statSync(file).size / 2))),
    lost: [1, 1000],
    aside: 1,
  },
  {
    title: "tables emptied",
    damage: (segment) => listData(segment).forEach((file) => truncateSync(file, 0)),
    lost: [1000, 1000],
    aside: 1,
  },
  {
    title: "tables gone",
    damage: (segment) => listData(segment).forEach((file) => rmSync(file)),
    lost: [1000, 1000],
    aside: 1,
  },
  {
    title: "the list of files overwritten",
    damage: (segment) => {
      for (const name of readdirSync(segment))
        if (name.startsWith("MANIFEST")) flip(join(segment, name), 0, 40);
    },
    lost: [1000, 1000],
    aside: 1,
  },
];

for (const { title, areTables = true, damage, lost, aside } of cases) {
  for (const [where, position] of [
    ["an old segment", 2],
    ["the newest segment", 5],
  ] as const) {
    void test(`${title} of ${where}: counted, and the rest goes on`, async (context) => {
      const { directory, segments } = await stock(context, areTables);
      damage(segments[position] ?? "");
      const sinks = [createSink("first"), createSink("second")];
      const line = await Line.start(context, sinks, { directory });
      line.offer(700);
      await line.settle();
      for (const [index, delivery] of line.deliveries.entries()) {
        const { exported, unreadable, rejected, expired } = delivery.counts();
        context.diagnostic(
          `${unreadable} records lost, ${line.log.counts().quarantinedSegments} segments aside`,
        );
        assert.equal(exported + unreadable, RECORDS + 700);
        assert.deepEqual([rejected, expired], [{}, 0]);
        assert.ok(unreadable >= lost[0] && unreadable <= lost[1], `${unreadable} lost`);
        const taken = sinks[index]?.taken ?? [];
        assert.equal(taken.length, exported);
        // Nothing outside the damaged segment is missing, and nothing came twice.
        const inside = taken.slice(0, -700).filter((n) => n > position * 1000 && n <= (position + 1) * 1000);
        assert.equal(new Set(taken.slice(0, -700)).size, taken.length - 700);
        assert.equal(taken.length - 700 - inside.length, RECORDS - 1000);
      }
      assert.equal(line.log.counts().quarantinedSegments, aside);
      assert.equal(
        readdirSync(join(directory, "segments")).filter((name) => name.endsWith(".damaged")).length,
        aside,
      );
    });
  }
}
