/** A CPU is taken off and comes back: what was known of it before says nothing of it now. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";
import { stallCpu } from "../provoke/stall.ts";
import { assertBooksClose } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { readMetric } from "./running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const CPU = 1;
const AWAY_MS = 3_000;
/** Longer than what a busy host takes from a guest now and then, shorter than the absence. */
const STALL_MS = 1_200;
const THRESHOLD_MS = 1_000;
const switchPath = `/sys/devices/system/cpu/cpu${CPU}/online`;
const events = ["sched_tick", "softirq", "softlockup"] as const;
const settings = `      sched_tick: { threshold_ms: ${THRESHOLD_MS}, limit_per_second: 0 }
      softirq: { wait_threshold_ms: ${THRESHOLD_MS}, run_threshold_ms: ${THRESHOLD_MS}, limit_per_second: 0 }
      softlockup: { warning_ms: ${THRESHOLD_MS}, limit_per_second: 0 }`;

function switchCpu(isOn: boolean): void {
  writeFileSync(switchPath, isOn ? "1" : "0");
}

/** Busy in user space; the scheduler spreads them over the CPUs that are there. */
function startLoad(): readonly ChildProcess[] {
  return [1, 2, 3].map(() => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
}

/** Ticks that the CPU spent in user space. */
function readUserTicks(): number {
  const line = new RegExp(`^cpu${CPU} (?<user>\\d+)`, "m").exec(readFileSync("/proc/stat", "utf8"));
  return Number(line?.groups?.["user"] ?? 0);
}

async function findStall(kerntel: RunningKerntel, pid: number): Promise<StoredLine> {
  return waitUntil("the stall of the CPU in the local log", async () =>
    (await kerntel.look({ event: "kerntel.sched_tick" })).find(
      ({ attributes }) => attributes["process.pid"] === pid && attributes["cpu.logical_number"] === CPU,
    ),
  );
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

/** How many durations of a histogram were longer than the longest boundary below the absence. */
function countLong(page: string, name: string): number {
  const long = [...readMetric(page, `${name}_bucket`)].filter(([labels]) => labels.includes('le="2.097152"'));
  return sum(readMetric(page, `${name}_count`).values()) - sum(long.map(([, count]) => count));
}

liveTest(
  "a CPU that comes while the program runs is watched, and one that was away has no gap, no wait and no lockup",
  async () => {
    // The kernel takes a CPU that goes out of every cpuset of version 1 and never puts it back.
    if (!isDisposable) throw new CannotProvokeError("only a virtual machine's CPUs may be taken off");
    if (!existsSync(switchPath)) throw new CannotProvokeError("this machine has one CPU only");
    await shareKerntel("      oom: {}");
    const load: ChildProcess[] = [];
    try {
      switchCpu(false);
      const kerntel = await shareKerntel(settings);
      switchCpu(true);
      await findStall(kerntel, (await stallCpu("interrupts", STALL_MS, CPU)).pid);

      const before = await kerntel.metrics();
      load.push(...startLoad());
      const loadedTicks = readUserTicks();
      await waitUntil("load on the CPU", () => readUserTicks() > loadedTicks + 10 || undefined);
      switchCpu(false);
      // The absence is what is tested, so it has to last.
      await sleep(AWAY_MS);
      switchCpu(true);
      const awayTicks = readUserTicks();
      await waitUntil("load on the CPU again", () => readUserTicks() > awayTicks + 10 || undefined);
      for (const child of load.splice(0)) child.kill("SIGKILL");
      // Records of one CPU come in their order.
      const last = await findStall(kerntel, (await stallCpu("interrupts", STALL_MS, CPU)).pid);
      assert.ok(Number(last.attributes["kerntel.duration"]) < AWAY_MS / 1e3);

      for (const event of events) {
        const stored = await kerntel.stored({ event: `kerntel.${event}`, limit: "10000" });
        const long = stored.filter(
          ({ attributes }) =>
            attributes["cpu.logical_number"] === CPU &&
            Number(attributes["kerntel.duration"]) >= (AWAY_MS * 0.9) / 1e3,
        );
        assert.deepEqual(long, [], event);
        await assertBooksClose(kerntel, event);
      }
      const after = await kerntel.metrics();
      for (const name of ["kerntel_sched_tick_gap_duration_seconds", "kerntel_softirq_duration_seconds"])
        assert.equal(countLong(after, name), countLong(before, name), name);
    } finally {
      for (const child of load) child.kill("SIGKILL");
      switchCpu(true);
    }
  },
);
