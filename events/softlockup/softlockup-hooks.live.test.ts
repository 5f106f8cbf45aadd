/** The watchdog's verdict where the kernel lacks what it is usually heard by: each of the other ways by itself. */
import assert from "node:assert/strict";
import { createSoftlockup } from "./event.ts";
import { CannotProvokeError } from "#test/provoke/cannot-provoke.ts";
import { stallCpu } from "#test/provoke/stall.ts";
import { hurryWatchdog } from "#test/provoke/watchdog.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { watchAlone } from "#test/live/lone-event.ts";
import type { LoneEvent, Told } from "#test/live/lone-event.ts";
import { waitUntil } from "#test/live/wait-until.ts";

/** One verdict is enough here: how they are folded is asked where nothing is missing. */
const STUCK_MS = 3_600;
const kinds = ["warning", "verdict", "recovery"];

/** On a kernel that lacks the console's tracepoint, and the function behind it where that is left out too. */
function watchWithoutConsole({ hasTaint }: { readonly hasTaint: boolean }): Promise<LoneEvent> {
  return watchAlone(createSoftlockup(), {
    config: { warning_ms: 1_000, limit_per_second: 0 },
    withoutTracepoint: "console",
    changeLoading: (options) => (hasTaint ? options : { ...options, optionalPrograms: [] }),
  });
}

/** Reports of verdicts, by the metric. */
function countVerdicts(watch: LoneEvent): number {
  const [metric] = watch.metrics();
  return Number(
    metric?.dataPoints.find(({ attributes }) => attributes["kerntel.softlockup.kind"] === "verdict")?.value,
  );
}

/** What is told of one real lockup, which the kernel may report several times. */
async function provoke(watch: LoneEvent): Promise<{ readonly verdict: Told; readonly pid: number }> {
  using watchdog = hurryWatchdog(1);
  void watchdog;
  const { pid } = await stallCpu("softirqs", STUCK_MS);
  const told = await waitUntil("warning, verdict and recovery", () => {
    const own = watch.records.filter(({ attributes }) => attributes["process.pid"] === pid);
    return own.length >= kinds.length ? own : undefined;
  }).catch((cause: unknown) => {
    throw new Error(`of process ${pid}; told: ${watch.records.map(({ body }) => body).join("; ")}`, {
      cause,
    });
  });
  assert.deepEqual(
    told.map(({ attributes }) => attributes["kerntel.softlockup.kind"]),
    kinds,
  );
  const [, verdict, recovery] = told;
  assert.ok(verdict !== undefined && recovery !== undefined);
  const verdicts = Number(recovery.attributes["kerntel.softlockup.verdicts"]);
  assert.ok(verdicts >= 1, `${verdicts} verdicts`);
  assert.ok(countVerdicts(watch) >= verdicts);
  assert.ok(Number(verdict.attributes["kerntel.duration"]) >= 1);
  return { verdict, pid };
}

liveTest("a verdict is read from the kernel's log where nothing can be hooked", async (context) => {
  await using watch = await watchWithoutConsole({ hasTaint: false });
  assert.equal(watch.hook(), "tp_btf/hrtimer_expire_exit, /dev/kmsg");
  const { verdict, pid } = await provoke(watch);
  assert.match(
    String(verdict.attributes["kerntel.softlockup.message"]),
    new RegExp(`^watchdog: BUG: soft lockup - CPU#\\d+ stuck for \\d+s! \\[.*:${pid}\\]$`),
  );
  noteKernel(context, "softlockup", "provoked", "the same, with the verdict read from /dev/kmsg alone");
});

liveTest("a verdict without a line is told by the taint that it leaves", async (context) => {
  await using watch = await watchWithoutConsole({ hasTaint: true });
  if (!watch.hook().includes("add_taint"))
    throw new CannotProvokeError("add_taint cannot be hooked: the kernel has no kprobes");
  assert.equal(watch.hook(), "tp_btf/hrtimer_expire_exit, kprobe/add_taint, tp_btf/cpuhp_enter");
  const { verdict } = await provoke(watch);
  assert.equal(verdict.attributes["kerntel.softlockup.message"], undefined);
  assert.match(String(verdict.attributes["code.stacktrace"]), /watchdog_timer_fn/);
  noteKernel(context, "softlockup", "provoked", "the same, with the verdict by add_taint alone");
});
