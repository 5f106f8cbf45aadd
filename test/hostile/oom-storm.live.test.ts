/** Kills without end in cgroups that a user makes for it leave a bounded number of records, and nothing uncounted. */
import assert from "node:assert/strict";
import { isDisposable } from "../live/kernel-note.ts";
import { liveTest } from "../live/live-test.ts";
import { checkStorm, stormOom } from "./oom-storm.ts";

/** A second of an emulated machine is a twentieth of one, and is stretched as much. */
const DURATION_MS = isDisposable ? 500 : 4_000;
const KILLS = isDisposable ? 2 : 20;

liveTest(
  "a user whose processes are killed as fast as they can has a few records, and every kill is counted",
  async (context) => {
    const storm = await stormOom(DURATION_MS);
    const { kills, records, otherMs } = storm;
    context.diagnostic(
      `${kills} kills, ${records.length} records; another one's after ${otherMs.toFixed(0)} ms`,
    );
    assert.ok(kills >= KILLS, `${kills} kills`);
    checkStorm(storm, DURATION_MS);
  },
);
