/** A softirq handler really runs for long, and others wait for it. */
import assert from "node:assert/strict";
import { stallCpu } from "../provoke/stall.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { reload } from "./reload.ts";
import { RunningKerntel, readMetric } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const STALL_MS = 120;
const settings = "wait_threshold_ms: 50000, run_threshold_ms: 50000, limit_per_second: 0";

/** What the stall of that process did: the machine has long softirqs of its own. */
const isOf =
  (pid: number, vector: string, stage: string) =>
  ({ attributes }: StoredLine): boolean =>
    attributes["process.pid"] === pid &&
    (vector === "" || attributes["kerntel.softirq.vector"] === vector) &&
    attributes["kerntel.softirq.stage"] === stage;

async function readRuns(kerntel: RunningKerntel): Promise<number> {
  const counts = readMetric(await kerntel.metrics(), "kerntel_softirq_duration_seconds_count");
  const labels = [...counts].find(([text]) => text.includes('"HRTIMER"') && text.includes('"run"'));
  return labels?.[1] ?? 0;
}

liveTest("a handler that runs long and a vector that waits for it are reported, as the thresholds say", async (context) => {
  await using kerntel = await RunningKerntel.start({ events: `      softirq: { ${settings} }`, only: ["softirq"] });
  const { since } = (await kerntel.reports()).get("softirq") ?? {};
  const ignored = await stallCpu("softirqs", STALL_MS);
  const runs = await waitUntil("the handler in the histogram", async () => (await readRuns(kerntel)) || undefined);

  await reload(kerntel, settings, "wait_threshold_ms: 50, run_threshold_ms: 50, limit_per_second: 0");
  const { pid } = await stallCpu("softirqs", STALL_MS);
  const lines = await waitUntil("both stages in the local log", async () => {
    const stored = await kerntel.stored({ event: "kerntel.softirq" });
    const run = stored.find(isOf(pid, "HRTIMER", "run"));
    const wait = stored.find(isOf(pid, "", "wait"));
    return run === undefined || wait === undefined ? undefined : { stored, run, wait };
  });
  const { run, wait, stored } = lines;
  assert.ok(!stored.some(({ attributes }) => attributes["process.pid"] === ignored.pid));

  assert.equal(run.severity, 13);
  assert.match(run.body, /^Softirq HRTIMER ran 1[2-9]\d\.\d ms on CPU \d+, in node \(\d+\)$/);
  assert.ok(Number(run.attributes["kerntel.softirq.elapsed"]) >= STALL_MS * 1e6);
  assert.equal(run.attributes["kerntel.softirq.threshold"], 50e6);
  assert.equal(run.attributes["thread.id"], pid);
  assert.match(String(run.attributes["code.stacktrace"]), /handle_softirqs|__do_softirq/);
  assert.equal(run.resource["container.id"], undefined);
  assert.equal(wait.attributes["cpu.logical_number"], run.attributes["cpu.logical_number"]);
  assert.notEqual(wait.attributes["kerntel.softirq.vector"], "HRTIMER");
  assert.ok(Number(wait.attributes["kerntel.softirq.elapsed"]) >= 50e6);
  assertDeclared([run, wait]);

  assert.ok((await readRuns(kerntel)) > runs);
  const books = await assertBooksClose(kerntel, "softirq");
  assert.equal(books["since"], since, "the thresholds changed without a new start");
  noteKernel(context, "softirq", "provoked", "a timer callback that loops for 120 ms");
});
