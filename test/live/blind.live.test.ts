/** The receiver's own blindness as log records: what it lost, when none ran, and what it watches. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { dropDatagrams } from "../provoke/drop.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { isDisposable, noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { readMetric, RunningKerntel } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { scaleDeadline, waitUntil } from "./wait-until.ts";

const NOTE_EVERY_S = 10;

const watching = "      blind: { interval_seconds: 1 }\n      coverage: {}";

async function readBlind(kerntel: RunningKerntel, reason: string): Promise<StoredLine[]> {
  const lines = await kerntel.stored({ event: "kerntel.blind" });
  return lines.filter(({ attributes }) => attributes["kerntel.blind.reason"] === reason);
}

function sumCounts(lines: readonly StoredLine[]): number {
  return lines.reduce((sum, { attributes }) => sum + Number(attributes["kerntel.count"]), 0);
}

/** Waits until the records of one reason say what the accounting says. */
async function waitForCount(kerntel: RunningKerntel, reason: string, count: number): Promise<StoredLine[]> {
  let said = -1;
  return waitUntil(
    () => `${count} ${reason} in records, got ${said}`,
    async () => {
      const lines = await readBlind(kerntel, reason);
      said = sumCounts(lines);
      return said === count ? lines : undefined;
    },
  );
}

/** Seconds since 1970. */
const now = (): number => Date.now() / 1_000;

/** From and until, in seconds since 1970. */
function spanOf({ time, attributes }: StoredLine): { readonly from: number; readonly until: number } {
  const [from, until] = [attributes["kerntel.blind.from"], time].map(
    (text) => Date.parse(String(text)) / 1_000,
  );
  return { from: from ?? NaN, until: until ?? NaN };
}

liveTest(
  "a flood beyond the limit and a full ring are in records that count what the accounting counts",
  async (context) => {
    const events = `${watching}\n      dropwatch: { limit_per_second: 10, window_seconds: 0 }`;
    await using kerntel = await RunningKerntel.start({ events });
    await dropDatagrams("udp4", 300);
    let { suppressed } = await assertBooksClose(kerntel, "dropwatch");
    assert.ok(Number(suppressed) > 100);
    const [first] = await waitForCount(kerntel, "suppressed", Number(suppressed));
    assert.ok(first);
    assert.equal(first.severity, 13);
    assert.equal(first.attributes["kerntel.event.name"], "dropwatch");
    assert.ok(Number(first.attributes["kerntel.blind.seen"]) >= Number(first.attributes["kerntel.count"]));

    noteKernel(context, "blind", "provoked", "a flood beyond the limit");
    // A guest takes a minute for what follows, which asks nothing more of its kernel.
    if (isDisposable) return;
    // Without a limit and with a reader that stands still, the ring is what overflows.
    await kerntel.reload(`${watching}\n      dropwatch: { limit_per_second: 0, window_seconds: 0 }`);
    process.kill(kerntel.pid, "SIGSTOP");
    try {
      await dropDatagrams("udp4", 10_000);
    } finally {
      process.kill(kerntel.pid, "SIGCONT");
    }
    const books = await assertBooksClose(kerntel, "dropwatch");
    ({ suppressed } = books);
    assert.ok(Number(books["ring_lost"]) > 0);
    const lost = await waitForCount(kerntel, "ring_lost", Number(books["ring_lost"]));
    await waitForCount(kerntel, "suppressed", Number(suppressed));
    for (const line of lost) {
      const { from, until } = spanOf(line);
      assert.ok(Math.abs(until - from - Number(line.attributes["kerntel.duration"])) < 0.01, line.body);
    }
    await assertBooksClose(kerntel, "blind");
    const unreported = readMetric(await kerntel.metrics(), "kerntel_blind_unreported");
    assert.equal(
      [...unreported.values()].reduce((sum, value) => sum + value, 0),
      0,
    );
    assertDeclared(await kerntel.stored({ event: "kerntel.blind" }));
    context.diagnostic(`${String(suppressed)} suppressed, ${String(books["ring_lost"])} lost at the ring`);
    noteKernel(context, "blind", "provoked", "a ring that overflows");
  },
);

liveTest(
  "a stop, a kill and another boot are three reasons, with the time in which nothing was watched",
  async (context) => {
    if (isHostsAlone(context)) return;
    using directory = makeTemporaryDirectory();
    const stateDirectory = join(directory.path, "state");
    const mark = join(stateDirectory, "run.json");
    const options = { events: `${watching}\n      oom: {}`, stateDirectory };
    const changeMark = (change: object): void => {
      writeFileSync(
        mark,
        JSON.stringify({ ...(JSON.parse(readFileSync(mark, "utf8")) as object), ...change }),
      );
    };
    const startAgain = async (reason: string, earliest: number, latest = now()): Promise<StoredLine> => {
      const startedAt = now();
      await using kerntel = await RunningKerntel.start(options);
      const readyAt = now();
      const line = await waitUntil(`a record of ${reason}`, async () =>
        (await readBlind(kerntel, reason)).at(-1),
      );
      const { from, until } = spanOf(line);
      assert.ok(
        until >= startedAt - 0.01 && until <= readyAt + 0.01,
        `until ${until}: ${startedAt} to ${readyAt}`,
      );
      assert.ok(from >= earliest - 0.05 && from <= latest + 0.05, `from ${from}: ${earliest} to ${latest}`);
      context.diagnostic(`${reason}: ${line.body}, from ${(latest - from).toFixed(2)} s before`);
      assert.equal(await kerntel.stop("SIGTERM"), 0);
      return line;
    };

    let stoppedAt = 0;
    {
      await using first = await RunningKerntel.start(options);
      stoppedAt = now();
      assert.equal(await first.stop("SIGTERM"), 0);
      assert.deepEqual(await first.query("--event", "blind"), []);
    }
    const restart = await startAgain("restart", stoppedAt);
    assert.deepEqual([restart.severity, restart.attributes["kerntel.blind.clean_stop"]], [9, true]);

    {
      await using second = await RunningKerntel.start(options);
      await waitUntil(
        "the run to be noted",
        () => !readFileSync(mark, "utf8").includes('"isStopped":true') || undefined,
      );
      await second.stop("SIGKILL");
    }
    const killedAt = now();
    // As if the wall clock had been set forward by a day meanwhile: within one boot it does not count.
    const { wallMs } = JSON.parse(readFileSync(mark, "utf8")) as { readonly wallMs: number };
    changeMark({ wallMs: wallMs - 86_400_000 });
    const crash = await startAgain("crash", killedAt - NOTE_EVERY_S - scaleDeadline(5), killedAt);
    assert.deepEqual([crash.severity, crash.attributes["kerntel.blind.clean_stop"]], [13, false]);

    const previous = "9c0a2e0e-7a2f-4f0e-8a52-0b1f2f3f4a5b";
    // That boot ended a minute before this one began.
    const endedAt = now() - uptime() - 60;
    changeMark({ bootId: previous, wallMs: endedAt * 1_000 });
    const reboot = await startAgain("reboot", endedAt, endedAt);
    assert.equal(reboot.attributes["kerntel.blind.previous_boot.id"], previous);
    assert.equal(reboot.severity, 9);
    noteKernel(context, "blind", "provoked", "a stop, a kill and another boot id");
  },
);

liveTest(
  "coverage says what is watched at the start, after a reload, and where nothing changed too",
  async (context) => {
    const events = `${watching}\n      oom: {}\n      dropwatch: {}`;
    await using kerntel = await RunningKerntel.start({ events });
    const readCoverage = async (count: number): Promise<StoredLine[]> =>
      waitUntil(`${count} records of coverage`, async () => {
        const lines = await kerntel.stored({ event: "kerntel.coverage" });
        return lines.length === count ? lines : undefined;
      });
    const [start] = await readCoverage(1);
    const reports = await kerntel.reports();
    const inState = (state: string): string[] =>
      [...reports.values()].filter((report) => report.state === state).map(({ name }) => name);
    assert.equal(start?.attributes["kerntel.coverage.trigger"], "start");
    assert.deepEqual(start.attributes["kerntel.coverage.running"], inState("running"));
    assert.deepEqual(start.attributes["kerntel.coverage.disabled"], inState("disabled"));
    const hooks = start.attributes["kerntel.coverage.hooks"] as readonly string[];
    assert.ok(hooks.includes(`oom: ${String(reports.get("oom")?.["hook"])}`));

    await kerntel.reload(`${watching}\n      oom: {}`);
    const [, off] = await readCoverage(2);
    assert.equal(off?.attributes["kerntel.coverage.trigger"], "reload");
    assert.deepEqual(off.attributes["kerntel.coverage.changed"], ["dropwatch"]);
    assert.deepEqual(off.attributes["kerntel.coverage.running"], ["blind", "coverage", "oom"]);
    await kerntel.reload(`${watching}\n      oom: {}`);
    const [, , same] = await readCoverage(3);
    assert.deepEqual(same?.attributes["kerntel.coverage.running"], ["blind", "coverage", "oom"]);
    assert.equal(same.attributes["kerntel.coverage.changed"], undefined);
    assertDeclared([start, off, same]);
    noteKernel(context, "coverage", "provoked", "a start and two reloads");
  },
);
