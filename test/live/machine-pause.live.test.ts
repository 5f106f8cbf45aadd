/** The whole machine stands still, long enough for the kernel's watchdog to take that for a lockup. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { pauseMachine } from "../provoke/machine-pause.ts";
import { hurryWatchdog } from "../provoke/watchdog.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { liveTest } from "./live-test.ts";
import { readMetric } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const PAUSE_MS = 8_000;
/** A guest on a busy host stands still for a moment more often than a machine does. */
const settings = `      sched_tick: { threshold_ms: 1000, limit_per_second: 0 }
      softlockup: { warning_ms: 2000, limit_per_second: 0 }`;

/** Ticks that each CPU spent in user space. */
function readUserTicks(): readonly number[] {
  return [...readFileSync("/proc/stat", "utf8").matchAll(/^cpu\d+ (\d+)/gm)].map(([, ticks]) =>
    Number(ticks),
  );
}

function pauseSeconds({ attributes }: StoredLine): number {
  return Number(attributes["kerntel.machine.pause.duration"] ?? 0);
}

function durationSeconds({ attributes }: StoredLine): number {
  return Number(attributes["kerntel.duration"]);
}

liveTest(
  "a machine that stood still is reported as that, with one measure in verdict and recovery and no container blamed",
  async (context) => {
    const kerntel = await shareKerntel(settings);
    using watchdog = hurryWatchdog(1);
    void watchdog;
    const load = [1, 2].map(() => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
    try {
      // An idle CPU without its tick is no lockup for the watchdog.
      const before = readUserTicks();
      await waitUntil(
        "both CPUs to be busy",
        () => readUserTicks().every((ticks, cpu) => ticks > (before[cpu] ?? 0) + 50) || undefined,
      );
      pauseMachine(PAUSE_MS);
      const find = async (event: string): Promise<StoredLine[]> =>
        (await kerntel.look({ event: `kerntel.${event}` })).filter(
          (line) => pauseSeconds(line) >= PAUSE_MS / 2_000,
        );
      const [gap] = await waitUntil("the pause as a gap of ticks", async () => {
        const gaps = await find("sched_tick");
        return gaps.length > 0 ? gaps : undefined;
      });
      assert.ok(gap !== undefined);
      assert.equal(gap.attributes["kerntel.sched_tick.cause"], "pause");
      assert.equal(gap.severity, 9);
      assert.equal(gap.attributes["error.type"], undefined);
      assert.equal(gap.resource["container.id"], undefined);
      assert.ok(pauseSeconds(gap) <= Number(gap.attributes["kerntel.duration"]));

      const [verdict, recovery] = await waitUntil("verdict and recovery of one CPU", async () => {
        const lines = await find("softlockup");
        const verdicts = lines.filter(
          ({ attributes }) => attributes["kerntel.softlockup.kind"] === "verdict",
        );
        for (const judged of verdicts) {
          const over = lines.find(
            ({ attributes }) =>
              attributes["kerntel.softlockup.kind"] === "recovery" &&
              attributes["cpu.logical_number"] === judged.attributes["cpu.logical_number"],
          );
          if (over !== undefined) return [judged, over] as const;
        }
        return undefined;
      });
      context.diagnostic(verdict.body);
      context.diagnostic(recovery.body);
      assert.match(String(verdict.attributes["kerntel.softlockup.message"]), /stuck for \d+s!/);
      assert.equal(pauseSeconds(verdict), pauseSeconds(recovery));
      assert.ok(durationSeconds(verdict) < 2 && durationSeconds(recovery) < 2);
      assert.ok(durationSeconds(recovery) >= durationSeconds(verdict));
      assert.deepEqual([verdict.severity, recovery.severity], [13, 9]);
      assertDeclared([gap, verdict, recovery]);
      await assertBooksClose(kerntel, "softlockup");
      const gaps = readMetric(await kerntel.metrics(), "kerntel_sched_tick_gap_duration_seconds_count");
      const paused = [...gaps].filter(([labels]) => labels.includes('cause="pause"'));
      assert.ok(paused.some(([, count]) => count > 0));
    } finally {
      for (const child of load) child.kill("SIGKILL");
    }
  },
);
