/** The watchdog's verdict where the kernel lacks what it is usually heard by: each of the other ways by itself. */
import assert from "node:assert/strict";
import { createSoftlockup } from "#events/softlockup/event.ts";
import { Accounting } from "#receiver/tracing/accounting.ts";
import type { EventBpf, TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { loadEvent } from "#receiver/tracing/event-bpf.ts";
import { createKernelNames } from "#receiver/tracing/kernel-names.ts";
import { followKernelLog, readClocks } from "bpf-loader-napi";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";
import { stallCpu } from "../provoke/stall.ts";
import { hurryWatchdog } from "../provoke/watchdog.ts";
import { isDisposable, noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { waitUntil } from "./wait-until.ts";

const STUCK_MS = isDisposable ? 8_500 : 3_600;
const kinds = ["warning", "verdict", "recovery"];

interface Told extends TracerRecord {
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Watch extends AsyncDisposable {
  readonly records: readonly Told[];
  readonly hook: string;
  /** Reports of verdicts, by the metric. */
  countVerdicts(): number;
}

/** The event itself, on a kernel that lacks the console's tracepoint, and the function behind it where that is left out too. */
async function watchWithoutConsole({ hasTaint }: { readonly hasTaint: boolean }): Promise<Watch> {
  const stop = new AbortController();
  const names = createKernelNames();
  const { tracingData, config = {} } = createSoftlockup();
  const defaults = Object.entries(config).map(([key, { default: value }]) => [key, value]);
  const records: Told[] = [];
  let hook = "";
  const accounting = new Accounting();
  const log = { info: (): void => {}, warn: (): void => {} };
  const loading = { signal: stop.signal, accounting, log, earlierSums: new Map(), onBatch: () => {} };
  const bpf: EventBpf = {
    ...names,
    hasTracepoint: (name, count) => name !== "console" && names.hasTracepoint(name, count),
    load: (options) => loadEvent(hasTaint ? options : { ...options, optionalPrograms: [] }, loading),
  };
  const context = {
    signal: stop.signal,
    config: { ...Object.fromEntries(defaults), warning_ms: 1_000, limit_per_second: 0 },
    onReload: () => {},
    bpf,
    log,
    counters: accounting,
    followKernelLog,
    now: () => Number(readClocks().boottimeNs),
    attached: (attached: string) => void (hook = attached),
    save: (record: TracerRecord) => void records.push(record),
  } satisfies Partial<TracingContext> as unknown as TracingContext<never>;
  const ended = tracingData.start(context);
  await waitUntil("softlockup to be attached", () => hook !== "" || undefined);
  return {
    records,
    hook,
    countVerdicts: () => {
      const [metric] = tracingData.update?.() ?? [];
      return Number(
        metric?.dataPoints.find(({ attributes }) => attributes["kerntel.softlockup.kind"] === "verdict")
          ?.value,
      );
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
      names[Symbol.dispose]();
    },
  };
}

/** What is told of one real lockup, which the kernel may report several times. */
async function provoke(watch: Watch): Promise<{ readonly verdict: Told; readonly pid: number }> {
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
  assert.ok(verdicts >= (isDisposable ? 2 : 1), `${verdicts} verdicts`);
  assert.ok(watch.countVerdicts() >= verdicts);
  assert.ok(Number(verdict.attributes["kerntel.softlockup.elapsed"]) >= 1e9);
  return { verdict, pid };
}

liveTest("a verdict is read from the kernel's log where nothing can be hooked", async (context) => {
  await using watch = await watchWithoutConsole({ hasTaint: false });
  assert.equal(watch.hook, "tp_btf/hrtimer_expire_exit, /dev/kmsg");
  const { verdict, pid } = await provoke(watch);
  assert.match(
    String(verdict.attributes["kerntel.softlockup.message"]),
    new RegExp(`^watchdog: BUG: soft lockup - CPU#\\d+ stuck for \\d+s! \\[.*:${pid}\\]$`),
  );
  noteKernel(context, "softlockup", "provoked", "the same, with the verdict read from /dev/kmsg alone");
});

liveTest("a verdict without a line is told by the taint that it leaves", async (context) => {
  await using watch = await watchWithoutConsole({ hasTaint: true });
  if (!watch.hook.includes("add_taint"))
    throw new CannotProvokeError("add_taint cannot be hooked: the kernel has no kprobes");
  assert.equal(watch.hook, "tp_btf/hrtimer_expire_exit, kprobe/add_taint");
  const { verdict } = await provoke(watch);
  assert.equal(verdict.attributes["kerntel.softlockup.message"], undefined);
  assert.match(String(verdict.attributes["code.stacktrace"]), /watchdog_timer_fn/);
  noteKernel(context, "softlockup", "provoked", "the same, with the verdict by add_taint alone");
});
