/** Tasks that hang in more places than are remembered: told one by one, within the limit, and counted beyond it. */
import assert from "node:assert/strict";
import { openObject } from "bpf-loader-napi";
import { changeSettings } from "#receiver/tracing/kernel-settings.ts";
import { makeMemoryCgroup } from "#test/provoke/cgroup.ts";
import { freezeFilesystem } from "./provoke-frozen-filesystem.ts";
import { liveTest } from "#test/live/live-test.ts";

/** Between two tokens: none comes while the test runs. */
const HOUR_NS = 3_600_000_000_000n;

interface Counters {
  readonly seen: bigint;
  readonly suppressed: bigint;
}

liveTest("tasks that hang in places beyond the table's room are told within the limit", async () => {
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/places`);
  await using frozen = await freezeFilesystem(cgroup.directory);
  const opened = openObject(new URL("./hungtask.bpf.o", import.meta.url));
  opened.setMaxEntries("folds", 1);
  using object = opened.load();
  changeSettings(object, {
    threshold_ns: 1n,
    fold_ns: HOUR_NS,
    limit_interval_ns: HOUR_NS,
    limit_burst_ns: 0n,
  });
  const count = (): { readonly seen: number; readonly suppressed: number } => {
    const perCpu = object.map("counters").lookup(0) as unknown as readonly Counters[];
    const sum = (name: keyof Counters): number =>
      perCpu.reduce((total, each) => total + Number(each[name]), 0);
    return { seen: sum("seen"), suppressed: sum("suppressed") };
  };
  const link = object.attach("scan");
  // One place for those that touch, and two for those that write: the first holds the mutex that the second waits for.
  await frozen.hangTouching();
  await frozen.hangWriting();
  await frozen.hangWriting();
  link.iterate();
  const { seen, suppressed } = count();
  assert.ok(seen >= 3, `${seen} seen`);
  // One found room, one took the only token.
  assert.equal(suppressed, seen - 2);
});
