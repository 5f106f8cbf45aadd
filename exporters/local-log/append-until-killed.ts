/** Child of the crash test: appends to the log named by its argument and prints the last uid of each durable batch. */
import { writeSync } from "node:fs";
import { createSampleRecord } from "../sample-record.ts";
import { openLocalLog } from "./local-log.ts";
import { createUidSource } from "./uid.ts";

const directory = process.argv[2] ?? "";
// Small segments, so that the end may also come in the middle of a change of segments.
const log = await openLocalLog({ directory, segmentBytes: 100_000 });
const nextUid = createUidSource(log.newestUid());
for (;;) {
  const uids = Array.from({ length: 50 }, nextUid);
  await log.append(uids.map((uid) => createSampleRecord(uid)));
  // Straight to the file descriptor: what the parent reads was durable before.
  writeSync(1, `${uids.join(" ")}\n`);
}
