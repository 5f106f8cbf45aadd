/** A softirq handler really runs for long, and others wait for it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dropDatagrams } from "#test/provoke/drop.ts";
import { stallCpu } from "#test/provoke/stall.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const STALL_MS = 120;

const thresholds = (milliseconds: number): string =>
  `      softirq: { wait_threshold_ms: ${milliseconds}, run_threshold_ms: ${milliseconds}, limit_per_second: 0 }`;

async function findStages(
  kerntel: RunningKerntel,
  pid: number,
): Promise<{ readonly run: StoredLine; readonly wait: StoredLine }> {
  return waitUntil("both stages in the local log", async () => {
    const stored = await kerntel.look({ event: "kerntel.softirq" });
    const run = stored.find(
      ({ attributes }) =>
        attributes["process.pid"] === pid && attributes["kerntel.softirq.vector"] === "HRTIMER",
    );
    // Served by whoever has the CPU next, mostly ksoftirqd.
    const wait = stored.find(
      ({ attributes, time }) =>
        attributes["kerntel.softirq.stage"] === "wait" &&
        attributes["cpu.logical_number"] === run?.attributes["cpu.logical_number"] &&
        time >= String(run?.time),
    );
    return run === undefined || wait === undefined ? undefined : { run, wait };
  });
}

async function readCount(kerntel: RunningKerntel, vector: string, stage: string): Promise<number> {
  const counts = readMetric(await kerntel.metrics(), "kerntel_softirq_duration_seconds_count");
  const labels = [...counts].find(([text]) => text.includes(`"${vector}"`) && text.includes(`"${stage}"`));
  return labels?.[1] ?? 0;
}

/** What the kernel itself counted, over all CPUs. */
function countReceived(): number {
  const line = /^ *NET_RX:(?<counts>[ \d]+)$/m.exec(readFileSync("/proc/softirqs", "utf8"));
  const counts = line?.groups?.["counts"]?.trim().split(/ +/) ?? [];
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

liveTest(
  "a handler that runs long and a vector that waits for it are reported, as the thresholds say",
  async (context) => {
    const kerntel = await shareKerntel(thresholds(50_000));
    const since = (await kerntel.reports()).get("softirq")?.["since"];
    const ignored = await stallCpu("softirqs", STALL_MS);
    const runs = await waitUntil(
      "the handler in the histogram",
      async () => (await readCount(kerntel, "HRTIMER", "run")) || undefined,
    );

    await shareKerntel(thresholds(50));
    const { pid } = await stallCpu("softirqs", STALL_MS);
    const { run, wait } = await findStages(kerntel, pid);
    const stored = await kerntel.stored({ event: "kerntel.softirq" });
    assert.ok(!stored.some(({ attributes }) => attributes["process.pid"] === ignored.pid));

    assert.equal(run.severity, 13);
    assert.match(run.body, /^Softirq HRTIMER ran \d+\.\d ms on CPU \d+, in node\S* \(\d+\)$/);
    assert.ok(Number(run.attributes["kerntel.duration"]) >= STALL_MS / 1e3);
    assert.equal(run.attributes["kerntel.softirq.stage"], "run");
    assert.equal(run.attributes["kerntel.threshold"], 0.05);
    assert.equal(run.attributes["thread.id"], pid);
    assert.match(String(run.attributes["code.stacktrace"]), /handle_softirqs|__do_softirq/);
    assert.equal(run.resource["container.id"], undefined);
    assert.notEqual(wait.attributes["kerntel.softirq.vector"], "HRTIMER");
    assert.ok(Number(wait.attributes["kerntel.duration"]) >= 0.05);
    assertDeclared([run, wait]);

    assert.ok((await readCount(kerntel, "HRTIMER", "run")) > runs);
    const books = await assertBooksClose(kerntel, "softirq");
    assert.equal(books["since"], since, "the thresholds changed without a new start");
    noteKernel(context, "softirq", "provoked", "a timer callback that loops for 120 ms");
  },
);

liveTest(
  "the histogram has as many softirqs as the kernel counts, although not each is timed by the clock",
  async () => {
    const kerntel = await shareKerntel(thresholds(50));
    const [kernelBefore, before] = [countReceived(), await readCount(kerntel, "NET_RX", "run")];
    await dropDatagrams("udp4", 12_000);
    const [after, kernelAfter] = [await readCount(kerntel, "NET_RX", "run"), countReceived()];
    const kernel = kernelAfter - kernelBefore;
    assert.ok(kernel >= 6_000, `${kernel}`);
    // The last of each CPU wait for the next one that is timed, and others send too while the figures are read.
    assert.ok(Math.abs(after - before - kernel) <= kernel / 20, `${after - before} of ${kernel}`);
  },
);
