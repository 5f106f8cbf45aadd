/** The machine's clock is set by an hour, forth and back, while the program runs. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createOom } from "#events/oom/event.ts";
import { readBootId } from "#exporters/boot-id.ts";
import { EventMetrics } from "#receiver/metrics/event-metrics.ts";
import { ClockSteps } from "bpf-loader-napi";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { provokeOom } from "#events/oom/provoke.ts";
import { assertBooksClose } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const HOUR_SECONDS = 3600;

function stepClock(seconds: number): void {
  execFileSync("date", ["-s", `@${Math.round(Date.now() / 1000) + seconds}`], { stdio: "ignore" });
}

liveTest("records carry the time that the clock shows, and stay in the order they came", async () => {
  // A time namespace moves the clocks since boot, not the wall clock.
  if (!isDisposable) throw new CannotProvokeError("only a virtual machine's clock may be set");
  const kerntel = await shareKerntel("      oom: {}");
  const lines: StoredLine[] = [];
  let steppedSeconds = 0;
  try {
    for (const step of [0, HOUR_SECONDS, -2 * HOUR_SECONDS, HOUR_SECONDS]) {
      stepClock(step);
      steppedSeconds += step;
      const beforeMs = Date.now();
      const { pid } = await provokeOom();
      const line = await waitUntil("the kill in the local log", async () =>
        (await kerntel.look({ event: "kerntel.oom" })).find(
          ({ attributes }) => attributes["process.pid"] === pid,
        ),
      );
      const afterMs = Date.now();
      for (const time of [line.time, line.observedTime]) {
        // `date` sets whole seconds.
        assert.ok(
          Date.parse(time) >= beforeMs - 2000 && Date.parse(time) <= afterMs + 2000,
          `${time} after ${step} s`,
        );
      }
      lines.push(line);
    }
  } finally {
    stepClock(-steppedSeconds);
  }
  const uids = lines.map(({ uid }) => uid);
  assert.deepEqual(uids, uids.toSorted());
  const bootTimes = lines.map(({ attributes }) => Number(attributes["kerntel.boot.time"]));
  assert.deepEqual(
    bootTimes,
    bootTimes.toSorted((left, right) => left - right),
    "by the time since boot too",
  );
  assert.deepEqual(
    [...new Set(lines.map(({ attributes }) => attributes["kerntel.boot.id"]))],
    [readBootId()],
  );
  const stored = (await kerntel.stored({ event: "kerntel.oom" })).map(({ uid }) => uid);
  assert.deepEqual(
    stored.filter((uid) => uids.includes(uid)),
    uids,
  );
  await assertBooksClose(kerntel, "oom");
});

const LIMIT_BYTES = 16 * 1024 * 1024;

/** A process that waits for memory twice, and between for a line of input. `path`: a file of holes, larger than the limit. */
function startReader(cgroupDirectory: string, path: string): ReturnType<typeof spawn> {
  const script = 'echo $$ >"$0/cgroup.procs" && exec cat "$1" - "$1"';
  return spawn("sh", ["-c", script, cgroupDirectory, path], { stdio: ["pipe", "ignore", "ignore"] });
}

liveTest("a process keeps its creation time when the clock is set between two of its records", async () => {
  if (!isDisposable) throw new CannotProvokeError("only a virtual machine's clock may be set");
  const kerntel = await shareKerntel("      memreclaim: { threshold_ms: 0, limit_per_second: 0 }");
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/clock`, LIMIT_BYTES);
  // Holes take page cache on a disk only, and the directory of the tests is on one.
  const path = join(process.cwd(), `kerntel-${randomBytes(8).toString("hex")}`);
  writeFileSync(path, "");
  truncateSync(path, 2 * LIMIT_BYTES);
  const reader = startReader(cgroup.directory, path);
  const ended = once(reader, "exit");
  const findWaits = async (): Promise<StoredLine[]> =>
    (await kerntel.stored({ event: "kerntel.memreclaim", limit: "10000" })).filter(
      ({ attributes }) => attributes["process.pid"] === reader.pid,
    );
  let steppedSeconds = 0;
  try {
    const before = await waitUntil("a wait before the step", async () => (await findWaits())[0]);
    stepClock(HOUR_SECONDS);
    steppedSeconds = HOUR_SECONDS;
    reader.stdin?.end("\n");
    await ended;
    const lines = await waitUntil("a wait after the step", async () => {
      const found = await findWaits();
      return found.some(({ time }) => Date.parse(time) > Date.parse(before.time) + 3e6) ? found : undefined;
    });
    const created = new Set(lines.map(({ attributes }) => attributes["process.creation.time"]));
    assert.deepEqual([...created], [before.attributes["process.creation.time"]]);
    const ageMs = Date.parse(before.time) - Date.parse(String([...created][0]));
    assert.ok(ageMs >= 0 && ageMs < 600_000, `the process was ${ageMs} ms old`);
  } finally {
    stepClock(-steppedSeconds);
    reader.kill("SIGKILL");
    rmSync(path, { force: true });
  }
});

liveTest(
  "no metric starts after its time when the clock was set to before the start, and starts stay",
  async () => {
    if (!isDisposable) throw new CannotProvokeError("only a virtual machine's clock may be set");
    const { tracingData } = createOom();
    const collector = { update: () => tracingData.update?.() ?? [] };
    const scope = { name: "kerntel", version: "0" };
    const metrics = new EventMetrics(
      { reports: () => [], collectors: () => [collector], driverErrors: () => [] },
      scope,
    );
    const readTimes = async (): Promise<readonly [startMs: number, endMs: number]> => {
      const { resourceMetrics } = await metrics.collect();
      const point = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0];
      assert.ok(point !== undefined);
      const [startMs = 0, endMs = 0] = [point.startTime, point.endTime].map(([s, ns]) => s * 1e3 + ns / 1e6);
      return [startMs, endMs];
    };
    const starts: number[] = [];
    let steppedSeconds = 0;
    try {
      for (const step of [0, HOUR_SECONDS, -2 * HOUR_SECONDS, HOUR_SECONDS]) {
        stepClock(step);
        steppedSeconds += step;
        const [startMs, endMs] = await readTimes();
        assert.ok(startMs <= endMs, `start ${startMs}, time ${endMs} after ${step} s`);
        assert.ok(Math.abs(endMs - Date.now()) < 5_000);
        starts.push(startMs);
      }
    } finally {
      stepClock(-steppedSeconds);
    }
    const [first, forward, back, again] = starts;
    assert.equal(forward, first);
    assert.equal(again, back);
  },
);

liveTest("steps of the clock are noticed beyond the year 2038 too", () => {
  if (!isDisposable) throw new CannotProvokeError("only a virtual machine's clock may be set");
  const toYear2040Seconds = Math.round((Date.UTC(2040, 0) - Date.now()) / 1_000);
  using steps = new ClockSteps(() => {});
  assert.equal(steps.wasSet(), false);
  for (const seconds of [toYear2040Seconds, 60, -60, -toYear2040Seconds]) {
    stepClock(seconds);
    assert.equal(steps.wasSet(), true, `a step of ${seconds} s`);
  }
  assert.equal(steps.wasSet(), false);
});
