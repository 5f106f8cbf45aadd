/** Many drops of one kind: the first is described, and a summary counts them to the packet. */
import assert from "node:assert/strict";
import { openObject } from "bpf-loader-napi";
import type { MapInput } from "bpf-loader-napi";
import { dropBurst } from "./provoke-burst.ts";
import type { Burst } from "./provoke-burst.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { isHostsAlone } from "#test/live/hosts-alone.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { RunningKerntel, readMetric } from "#test/live/running-kerntel.ts";
import type { StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

type MapRecord = { [field: string]: MapInput };

const bursts = [10, 50, 90, 1_000];
const COUNT = "kerntel.count";

async function recordsOf(kerntel: RunningKerntel, { netnsInode, since }: Burst): Promise<StoredLine[]> {
  const lines = await kerntel.look({ event: "kerntel.dropwatch" });
  return lines.filter(
    ({ attributes, time }) =>
      attributes["kerntel.network.namespace.inode"] === netnsInode &&
      attributes["error.type"] === "no_socket" &&
      time >= since,
  );
}

const count = ({ attributes }: StoredLine): number => Number(attributes[COUNT] ?? 0);

/** The clock's offset is measured again for each batch. */
function isSameTime(left: unknown, right: unknown): boolean {
  return Math.abs(Date.parse(String(left)) - Date.parse(String(right))) < 5;
}

/** A burst that lasts longer than a window is told by several summaries, or by a described packet alone at its end. */
function countTold(records: readonly StoredLine[]): number {
  const summaries = records.filter((record) => count(record) > 0);
  const alone = records.filter(
    (record) =>
      count(record) === 0 &&
      !summaries.some(({ attributes }) =>
        isSameTime(attributes["kerntel.dropwatch.first_time"], record.time),
      ),
  );
  return alone.length + summaries.reduce((total, summary) => total + count(summary), 0);
}

function shown({ time, attributes }: StoredLine): string {
  const { [COUNT]: told, "kerntel.dropwatch.first_time": first } = attributes;
  return JSON.stringify({ time, told, first });
}

async function waitForCount(kerntel: RunningKerntel, burst: Burst): Promise<StoredLine[]> {
  return waitUntil(`${burst.count} counted drops`, async () => {
    const records = await recordsOf(kerntel, burst);
    const isTold = countTold(records) >= burst.count && records.some((record) => count(record) > 0);
    return isTold ? records : undefined;
  });
}

liveTest(
  "a burst of one kind is counted to the packet, and its first packet is described",
  async (context) => {
    const kerntel = await shareKerntel("      dropwatch: { window_seconds: 2 }");
    await using stack = new AsyncDisposableStack();
    const dropped = (await Promise.all(bursts.map(dropBurst))).map((burst) => stack.use(burst));
    for (const burst of dropped) {
      const records = await waitForCount(kerntel, burst);
      assertDeclared(records);
      assert.equal(countTold(records), burst.count, records.map(shown).join("\n"));
      const summaries = records.filter((record) => count(record) > 0);
      const described = records.filter((record) => count(record) === 0);
      // One for each window that the burst fell into.
      assert.ok(described.length >= 1 && described.length <= summaries.length + 1);
      assert.equal(described[0]?.attributes["destination.port"], burst.port);
      assert.ok(String(described[0]?.attributes["code.stacktrace"]).includes("\n"));
      for (const { attributes, time } of summaries) {
        assert.equal(attributes["network.interface.name"], "lo");
        assert.equal(attributes["code.function.name"], described[0]?.attributes["code.function.name"]);
        assert.ok(isSameTime(attributes["kerntel.dropwatch.last_time"], time));
        assert.ok(String(attributes["kerntel.dropwatch.first_time"]) <= time);
      }
      const first = summaries[0]?.attributes["kerntel.dropwatch.first_time"];
      assert.ok(isSameTime(first, described[0]?.time));
    }
    const books = await assertBooksClose(kerntel, "dropwatch");
    const total = bursts.reduce((sum, size) => sum + size, 0);
    assert.ok(Number(books["aggregated"]) >= total - 2 * Number(books["stored"]));
    const metrics = await kerntel.metrics();
    const packets = readMetric(metrics, "kerntel_dropwatch_packets_total");
    assert.ok(
      Number(
        packets.get('{kerntel_dropwatch_reason="NO_SOCKET"}') ??
          packets.get('{kerntel_dropwatch_reason="UNKNOWN"}'),
      ) >= total,
    );
    assert.equal(readMetric(metrics, "kerntel_dropwatch_unsummarized_total").get(""), 0);
    noteKernel(context, "dropwatch", "provoked", "bursts of one kind, counted");
  },
);

liveTest("what is counted when the program ends is told before it ends", async (context) => {
  if (isHostsAlone(context)) return;
  await using kerntel = await RunningKerntel.start({ events: "      dropwatch: { window_seconds: 3600 }" });
  await using burst = await dropBurst(20);
  await kerntel.stop();
  // Nobody runs now, so this reads the files.
  const records = (await kerntel.query("--event", "dropwatch")).filter(
    ({ attributes }) => attributes["kerntel.network.namespace.inode"] === burst.netnsInode,
  );
  assert.ok(records.some((record) => count(record) === burst.count));
});

liveTest("a kind is told when what became of its first drop is known, however long that takes", () => {
  const programs = ["flush_windows"];
  using object = openObject(new URL("./dropwatch.bpf.o", import.meta.url), {
    programs,
  }).load();
  const kinds = object.map("kinds");
  const empty = kinds.lookup(0) as MapRecord;
  // As it is while the CPU of its first drop is held up, and another one has counted a second.
  kinds.update(0, { ...empty, fingerprint: 1n, count: 2n });
  const flush = (): number => object.program("flush_windows").run().returnValue;
  assert.equal(flush(), 1);
  assert.equal((kinds.lookup(0) as MapRecord)["count"], 2n);
  kinds.update(0, { ...empty, fingerprint: 1n, count: 2n, first_drop: 1 });
  assert.equal(flush(), 0);
  assert.deepEqual(kinds.lookup(0), { ...empty, last_jiffies: 0n });
});
