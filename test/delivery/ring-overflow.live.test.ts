/** A ring that overflows while its reader is held: lost = produced − received, to the record. */
import assert from "node:assert/strict";
import { Accounting } from "#receiver/tracing/accounting.ts";
import { loadEvent } from "#receiver/tracing/event-bpf.ts";
import { liveTest } from "../live/live-test.ts";
import { RunningKerntel } from "../live/running-kerntel.ts";
import { assertBooksClose } from "../live/assertions.ts";
import { dropDatagrams } from "../provoke/drop.ts";

const RECORD_BYTES = 504;

for (const produced of [1, 1000, 5000, 200_000]) {
  liveTest(
    `of ${produced} records submitted while nobody reads, each is received or counted as lost`,
    async () => {
      const accounting = new Accounting();
      const stop = new AbortController();
      const numbers: number[] = [];
      using loaded = loadEvent(
        {
          object: new URL("../provoke/flood.bpf.o", import.meta.url),
          programs: [],
          unattachedPrograms: ["flood"],
          constants: { flood_records: produced },
        },
        {
          signal: stop.signal,
          accounting,
          log: { info: () => {}, warn: () => {} },
          earlierSums: new Map(),
          onBatch: () => {},
        },
      );
      const layout = {
        struct: "flood_record",
        sizeBytes: RECORD_BYTES,
        read: (view: DataView, offset: number): number => Number(view.getBigUint64(offset + 8, true)),
      };
      const take = (number: number): void => {
        numbers.push(number);
        accounting.add("stored");
      };
      const reading = loaded.read([[layout, take]]);
      // The reader is this thread, and it is in the kernel until all are submitted.
      assert.equal(loaded.run("flood"), 0);
      const { ring_lost: lost, seen } = accounting.counts();
      assert.equal(seen, produced);
      assert.equal(numbers.length, 0);
      stop.abort();
      await reading;
      assert.equal(lost, produced - numbers.length);
      assert.equal(lost > 0, produced >= 5000);
      // Those before the ring was full, in order.
      assert.deepEqual(
        numbers,
        Array.from({ length: numbers.length }, (_, index) => index),
      );
      const { stored, undecodable } = accounting.counts();
      assert.deepEqual([stored, undecodable], [numbers.length, 0]);
    },
  );
}

liveTest(
  "a program that stands still through a flood has every packet of it in its books",
  async (context) => {
    const events = "      dropwatch: { limit_per_second: 0, window_seconds: 0 }";
    await using kerntel = await RunningKerntel.start({ events });
    const before = await assertBooksClose(kerntel, "dropwatch");
    process.kill(kerntel.pid, "SIGSTOP");
    const count = 10_000;
    try {
      await dropDatagrams("udp4", count);
    } finally {
      process.kill(kerntel.pid, "SIGCONT");
    }
    const books = await assertBooksClose(kerntel, "dropwatch");
    const grown = (name: string): number => Number(books[name]) - Number(before[name]);
    context.diagnostic(
      `${grown("seen")} seen, ${grown("stored")} stored, ${grown("ring_lost")} lost at the ring`,
    );
    assert.ok(grown("seen") >= count);
  },
);
