/** Interrupts are really off for a while on a CPU that works. */
import assert from "node:assert/strict";
import { stallCpu } from "#test/provoke/stall.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const STALL_MS = 150;
const threshold = (milliseconds: number): string =>
  `      sched_tick: { threshold_ms: ${milliseconds}, limit_per_second: 0 }`;

liveTest(
  "a CPU without ticks is reported under the container that had it, as the threshold says",
  async (context) => {
    const kerntel = await shareKerntel(threshold(50_000));
    const since = (await kerntel.reports()).get("sched_tick")?.["since"];
    const ignored = await stallCpu("interrupts", STALL_MS);

    await shareKerntel(threshold(100));
    const { pid, containerId, cgroupPath } = await stallCpu("interrupts", STALL_MS);
    // A machine that has too few CPUs may give the same process a shorter gap besides.
    const line = await waitUntil("the gap in the local log", async () =>
      (await kerntel.look({ event: "kerntel.sched_tick" })).find(
        ({ attributes }) =>
          attributes["process.pid"] === pid && Number(attributes["kerntel.duration"]) >= STALL_MS / 1e3,
      ),
    );
    const { attributes } = line;
    const gap = Number(attributes["kerntel.duration"]);
    const steal = Number(attributes["kerntel.sched_tick.steal"]);
    assert.ok(steal >= 0 && steal <= gap);
    assert.equal(attributes["kerntel.threshold"], 0.1);
    assert.equal(attributes["kerntel.cgroup.path"], cgroupPath);
    assert.match(String(attributes["code.stacktrace"]), /hrtimer_interrupt/);
    assert.match(line.body, /^No timer tick for \d+\.\d ms on CPU \d+/);
    // An overcommitted machine may have taken more of the time than the test did.
    const isStolen = steal >= gap / 2;
    assert.equal(attributes["kerntel.sched_tick.cause"], isStolen ? "steal" : "other");
    assert.equal(line.severity, isStolen ? 9 : 13);
    assert.equal(line.resource["container.id"], isStolen ? undefined : containerId);
    assertDeclared([line]);

    const stored = await kerntel.stored({ event: "kerntel.sched_tick" });
    assert.ok(!stored.some((other) => other.attributes["process.pid"] === ignored.pid));
    const books = await assertBooksClose(kerntel, "sched_tick");
    assert.equal(books["since"], since, "the threshold changed without a new start");
    const gaps = readMetric(await kerntel.metrics(), "kerntel_sched_tick_gap_duration_seconds_count");
    const counted = [...gaps.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(counted >= 1 && counted <= Number((await assertBooksClose(kerntel, "sched_tick"))["seen"]));
    noteKernel(context, "sched_tick", "provoked", "a clock event's program that loops for 150 ms");
  },
);
