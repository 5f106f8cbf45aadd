/** Kills without end in cgroups that a user makes for it leave a bounded number of records, and nothing uncounted. */
import assert from "node:assert/strict";
import { liveTest } from "../live/live-test.ts";
import { scaleDeadline } from "../live/wait-until.ts";
import { stormOom } from "./oom-storm.ts";

/** Shortages of one user at a time, and records of each: events/oom/README.md. */
const USER_PLACES = 4;
const RECORDS = 2;

liveTest(
  "a user whose processes are killed as fast as they can has a few records, and every kill is counted",
  async (context) => {
    const durationMs = 4_000;
    const storm = await stormOom(durationMs);
    const { kills, counted, suppressed, records, victimsInRecords } = storm;
    context.diagnostic(
      `${kills} kills in ${scaleDeadline(durationMs) / 1_000} s, ${records.length} records, another one's after ${storm.otherMs.toFixed(0)} ms`,
    );
    assert.ok(kills >= 20, `${kills} kills`);
    assert.ok(records.length <= USER_PLACES * RECORDS, `${records.length} records`);
    assert.equal(suppressed, 0);
    assert.ok(counted >= kills + 1, `${counted} of ${kills} and another one`);
    assert.equal(victimsInRecords, counted);
    assert.equal(storm.otherRecord.attributes["process.pid"], storm.other.pid);
    assert.equal(storm.otherRecord.attributes["kerntel.count"], 1);
    assert.equal(storm.otherRecord.resource["container.id"], storm.other.containerId);
  },
);
