/** A CPU is really stuck, long enough for the kernel's own watchdog. */
import assert from "node:assert/strict";
import { followKernelLog } from "bpf-loader-napi";
import { stallCpu } from "#test/provoke/stall.ts";
import { hurryWatchdog } from "#test/provoke/watchdog.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

/** The watchdog counts whole seconds: two of them are over after three. Where nobody else works, it may say so twice. */
const STUCK_MS = isDisposable ? 8_500 : 3_600;
const kinds = ["warning", "verdict", "recovery"] as const;
const settings = (milliseconds: number): string =>
  `      softlockup: { warning_ms: ${milliseconds}, limit_per_second: 0 }`;

async function findReports(kerntel: RunningKerntel, pid: number): Promise<StoredLine[]> {
  return waitUntil("warning, verdict and recovery in the local log", async () => {
    const stored = await kerntel.look({ event: "kerntel.softlockup" });
    const own = stored.filter(({ attributes }) => attributes["process.pid"] === pid);
    const ordered = kinds.flatMap((kind) =>
      own.filter(({ attributes }) => attributes["kerntel.softlockup.kind"] === kind),
    );
    return ordered.length < kinds.length ? undefined : ordered;
  });
}

liveTest(
  "a stuck CPU is warned of, judged and over: one record each, about the container it is stuck in",
  async (context) => {
    const kerntel = await shareKerntel(settings(600_000));
    const since = (await kerntel.reports()).get("softlockup")?.["since"];
    await shareKerntel(settings(1_000));
    using watchdog = hurryWatchdog(1);
    void watchdog;
    const said: string[] = [];
    using log = followKernelLog({
      onRecord: ({ text }) => void said.push(text),
      onOverrun: () => {},
      onFailed: () => {},
    });
    void log;
    const { pid, containerId, cgroupPath } = await stallCpu("softirqs", STUCK_MS);
    const lines = await findReports(kerntel, pid);
    const [warning, verdict, recovery] = lines;
    assert.ok(warning !== undefined && verdict !== undefined && recovery !== undefined && lines.length === 3);

    for (const { attributes, resource } of lines) {
      assert.equal(resource["container.id"], containerId);
      assert.equal(attributes["kerntel.cgroup.path"], cgroupPath);
      assert.equal(attributes["cpu.logical_number"], warning.attributes["cpu.logical_number"]);
      assert.match(String(attributes["code.stacktrace"]), /handle_softirqs|__do_softirq/);
    }
    const durations = lines.map(({ attributes }) => Number(attributes["kerntel.duration"]));
    assert.ok(Number(durations[0]) >= 1 && Number(durations[1]) >= 1);
    // What the hypervisor took of it does not count.
    assert.ok(Number(durations[2]) >= (STUCK_MS * 0.6) / 1e3 && Number(durations[2]) > Number(durations[0]));
    assert.ok(warning.time < verdict.time && verdict.time < recovery.time);
    assert.deepEqual(
      lines.map(({ severity }) => severity),
      [13, 17, 9],
    );
    assert.equal(warning.attributes["kerntel.threshold"], 1);
    assert.match(
      String(verdict.attributes["kerntel.softlockup.message"]),
      new RegExp(`^watchdog: BUG: soft lockup - CPU#\\d+ stuck for \\d+s! \\[.*:${pid}\\]$`),
    );
    const verdicts = Number(recovery.attributes["kerntel.softlockup.verdicts"]);
    assert.ok(verdicts >= (isDisposable ? 2 : 1), `${verdicts} verdicts`);
    // Whichever hooks heard them.
    assert.equal(verdicts, said.filter((text) => text.endsWith(`:${pid}]`)).length);
    assertDeclared(lines);

    const books = await assertBooksClose(kerntel, "softlockup");
    assert.equal(books["since"], since, "the threshold changed without a new start");
    assert.ok(Number(books["suppressed"]) >= verdicts - 1);
    // Others may be stuck meanwhile.
    await waitUntil("the metric to say what the books say", async () => {
      const { seen } = (await kerntel.reports()).get("softlockup") as { readonly seen?: number };
      const counted = readMetric(await kerntel.metrics(), "kerntel_softlockup_reports_total");
      const reports = [...counted.values()].reduce((total, count) => total + count, 0);
      return reports === seen || undefined;
    });
    noteKernel(context, "softlockup", "provoked", "a timer callback that loops until the watchdog speaks");
  },
);
