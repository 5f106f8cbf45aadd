/** The machine's clock is set by an hour, forth and back, while the program runs. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";
import { provokeOom } from "../provoke/oom.ts";
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
  const stored = (await kerntel.stored({ event: "kerntel.oom" })).map(({ uid }) => uid);
  assert.deepEqual(
    stored.filter((uid) => uids.includes(uid)),
    uids,
  );
  await assertBooksClose(kerntel, "oom");
});
