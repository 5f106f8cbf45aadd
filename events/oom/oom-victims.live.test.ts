/** The joint for the death of a process: from its pid and start to the shortage that it was a victim of. */
import assert from "node:assert/strict";
import { openObject } from "bpf-loader-napi";
import { oomRecordLayout } from "./record.generated.ts";
import type { OomRecord } from "./record.generated.ts";
import { readPageSizeBytes } from "#receiver/host.ts";
import { memoryLimitConstants } from "#receiver/tracing/memory-limit.ts";
import { makeMemoryCgroup } from "#test/provoke/cgroup.ts";
import { OOM_LIMIT_BYTES, outgrow } from "./provoke.ts";
import { liveTest } from "#test/live/live-test.ts";
import { waitUntil } from "#test/live/wait-until.ts";

interface VictimKey {
  readonly start_time: bigint;
  readonly pid: bigint;
}

liveTest("each victim leads to its shortage by pid and start, also one that is only counted", async () => {
  const opened = openObject(new URL("./oom.bpf.o", import.meta.url), {
    programs: ["mark_victim", "report_shortages"],
    constants: { ...memoryLimitConstants(readPageSizeBytes()), settle_ns: 0n },
  });
  using stack = new DisposableStack();
  const object = opened.load();
  stack.defer(() => {
    object.close();
  });
  const records: OomRecord[] = [];
  const reader = object.ringReader("records", {}, ({ view, offsets, lengths, count }) => {
    for (let index = 0; index < count; index++)
      if (lengths[index] === oomRecordLayout.sizeBytes)
        records.push(oomRecordLayout.read(view, offsets[index] ?? 0));
  });
  stack.defer(() => {
    reader.close();
  });
  object.attach("mark_victim");
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}-joint`, OOM_LIMIT_BYTES);
  const first = await outgrow(cgroup);
  const second = await outgrow(cgroup);
  object.program("report_shortages").run();
  const record = await waitUntil("the record", () =>
    records.find(({ limitCgroup }) => limitCgroup === cgroup.path),
  );
  const victims = new Map(
    [...object.map("victims").entries()].map(([key, shortage]) => [
      Number((key as unknown as VictimKey).pid),
      { start: (key as unknown as VictimKey).start_time, shortage },
    ]),
  );
  for (const { pid } of [first, second]) assert.equal(victims.get(pid)?.shortage, record.shortage);
  const described = victims.get(record.victimPid);
  assert.equal(Number(described?.start), record.victimStartTime);
  assert.equal(record.count, 2);
});
