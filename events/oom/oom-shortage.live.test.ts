/** One shortage has one record at once, about the victim that held most, and one for all that come later. */
import assert from "node:assert/strict";
import { createOom } from "./event.ts";
import { makeMemoryCgroup, makeMemoryParent } from "#test/provoke/cgroup.ts";
import { exhaustMachine } from "#test/provoke/machine-exhaustion.ts";
import { OOM_LIMIT_BYTES, outgrow } from "./provoke.ts";
import { provokeRepeatedOom, provokeWhileBlocked } from "#test/provoke/repeated-oom.ts";
import { provokeGroupOom, provokeMachineGroupOom } from "./provoke-group.ts";
import type { KilledGroup } from "./provoke-group.ts";
import { isHostsAlone } from "#test/live/hosts-alone.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { watchAlone } from "#test/live/lone-event.ts";
import type { LoneEvent, Told } from "#test/live/lone-event.ts";
import { scaleDeadline, waitUntil } from "#test/live/wait-until.ts";

const IDLERS = 3;
const NS_PER_MS = 1_000_000n;
/** So that a test need not wait for as long as a user does; yet longer than a slow machine takes from kill to kill. */
const QUIET_MS = scaleDeadline(1_500);

const name = (what: string): string => `/kerntel-test-${process.pid}-${what}`;

interface Watched {
  readonly quietMs?: number;
  readonly longestMs?: number;
  readonly optionalPrograms?: readonly string[];
}

function watchOom({
  quietMs = QUIET_MS,
  longestMs = 60_000,
  optionalPrograms,
}: Watched = {}): Promise<LoneEvent> {
  const spans = { quiet_ns: BigInt(quietMs) * NS_PER_MS, longest_ns: BigInt(longestMs) * NS_PER_MS };
  return watchAlone(createOom(), {
    config: {},
    changeLoading: (options) => ({
      ...options,
      constants: { ...options.constants, ...spans },
      ...(optionalPrograms && { optionalPrograms }),
    }),
  });
}

const countOf = ({ attributes }: Told): number => Number(attributes["kerntel.count"]);
const stateOf = ({ attributes }: Told): unknown => attributes["kerntel.oom.shortage.state"];

/** Others may be killed on this machine meanwhile: records of shortages at this limit. */
function recordsAt(watch: LoneEvent, path: string): readonly Told[] {
  return watch.records.filter(({ attributes }) => attributes["kerntel.memory_cgroup.path"] === path);
}

/** Waits until the records stand for as many victims. */
async function findCounted(watch: LoneEvent, path: string, victims: number): Promise<readonly Told[]> {
  const sum = (): number => recordsAt(watch, path).reduce((total, record) => total + countOf(record), 0);
  const what = (): string => `${victims} victims in records of ${path}, got ${sum()}`;
  await waitUntil(what, () => sum() >= victims || undefined, { deadlineMs: 10 * QUIET_MS });
  assert.equal(sum(), victims);
  return recordsAt(watch, path);
}

/** Whatever was seen became a record or has a counter, and the metric counts processes. */
function assertAccounted(watch: LoneEvent): void {
  const { seen, filtered, aggregated, suppressed, missed, ring_lost: lost } = watch.books();
  assert.equal(seen, filtered + aggregated + suppressed + missed + watch.records.length);
  assert.equal(lost, 0);
  const kills = watch.metrics()[0]?.dataPoints[0]?.value;
  assert.equal(
    kills,
    watch.records.reduce((total, record) => total + countOf(record), suppressed + missed),
  );
}

/** The kernel counts whom it chose twice, unless the process was gone already when its turn in the group came. */
function assertKernelCount({ pids, kernelCount }: KilledGroup): void {
  assert.ok(
    [pids.length, pids.length + 1].includes(kernelCount),
    `oom_kill says ${kernelCount} of ${pids.length}`,
  );
}

for (const [how, optionalPrograms] of [
  ["as the kernel is hooked here", undefined],
  ["without kprobes", []],
] as const) {
  liveTest(
    `${how}, a group that dies at a limit is one record, about the one that held most`,
    async (context) => {
      await using pod = makeMemoryParent(name("group"), OOM_LIMIT_BYTES);
      await using watch = await watchOom(optionalPrograms && { optionalPrograms });
      const killed = await provokeGroupOom(`${pod.path}/members`, IDLERS);
      const [record, ...others] = await findCounted(watch, pod.path, killed.pids.length);
      assert.deepEqual(others, []);
      assert.equal(stateOf(record as Told), "begun");
      const { attributes } = record as Told;
      // The idlers asked to be killed first; the one that grew is the last of the list.
      assert.equal(attributes["process.pid"], killed.pids.at(-1));
      assert.equal(attributes["kerntel.oom.constraint"], "memcg");
      assert.equal(attributes["kerntel.memory_cgroup.limit"], OOM_LIMIT_BYTES);
      assert.ok(Number(attributes["kerntel.memory_cgroup.usage"]) > 0.9 * OOM_LIMIT_BYTES);
      const isNamed = isDisposable && optionalPrograms === undefined;
      assert.equal(attributes["kerntel.memory_cgroup.source"], isNamed ? "kernel" : "derived");
      assertAccounted(watch);
      assertKernelCount(killed);
      context.diagnostic(`oom_kill counted ${killed.kernelCount}, processes were ${killed.pids.length}`);
      noteKernel(context, "oom", "provoked", `a group that is killed together (memory.oom.group), ${how}`);
    },
  );

  liveTest(
    `${how}, a shortage of the machine is one for a group that dies of it, and no cgroup's`,
    async (context) => {
      if (!isDisposable) {
        context.skip("NOT TESTED: only a virtual machine may kill any process");
        return;
      }
      await using watch = await watchOom(optionalPrograms && { optionalPrograms });
      const killed = await provokeMachineGroupOom(name("machine"), IDLERS);
      const [record] = await waitUntil("records of the machine's shortage", () =>
        watch.records.length > 0 ? watch.records : undefined,
      );
      const { attributes } = record as Told;
      assert.equal(attributes["kerntel.oom.constraint"], optionalPrograms === undefined ? "none" : undefined);
      assert.equal(attributes["kerntel.memory_cgroup.path"], undefined);
      assert.equal(attributes["kerntel.oom.action"], "kill");
      assert.equal(countOf(record as Told), killed.pids.length);
      assertAccounted(watch);
      assertKernelCount(killed);
      noteKernel(context, "oom", "provoked", `a group that dies of a shortage of the whole machine, ${how}`);
    },
  );
}

liveTest("where the kernel kills whoever asks, victim and trigger are one", async (context) => {
  if (!isDisposable) {
    context.skip("NOT TESTED: only a virtual machine may run out of memory");
    return;
  }
  await using watch = await watchOom();
  const { pid, signal } = await exhaustMachine();
  assert.equal(signal, "SIGKILL");
  const { attributes } = await waitUntil("a record of the one that asked", () =>
    watch.records.find((record) => record.attributes["process.pid"] === pid),
  );
  assert.equal(attributes["kerntel.trigger.process.pid"], pid);
  assert.equal(attributes["kerntel.oom.constraint"], "none");
  assert.equal(attributes["kerntel.memory_cgroup.path"], undefined);
  assert.ok(Number(attributes["kerntel.oom.victim.memory.anonymous"]) > 2 * OOM_LIMIT_BYTES);
  noteKernel(
    context,
    "oom",
    "provoked",
    "a machine without memory that kills whoever asks (vm.oom_kill_allocating_task)",
  );
});

liveTest(
  "what is killed later in a shortage is one record at its end, with their number",
  async (context) => {
    await using cgroup = makeMemoryCgroup(name("loop"), OOM_LIMIT_BYTES);
    await using watch = await watchOom();
    const kills = await provokeRepeatedOom(cgroup, 8);
    const records = await findCounted(watch, cgroup.path, kills);
    assert.deepEqual(records.map(stateOf), ["begun", "ended"]);
    const [begun, ended] = records;
    assert.equal(begun?.attributes["kerntel.oom.shortage.id"], ended?.attributes["kerntel.oom.shortage.id"]);
    const durationS = Number(ended?.attributes["kerntel.duration"]);
    assert.equal(
      durationS,
      (Number(ended?.time) - Number(begun?.attributes["kerntel.oom.shortage.id"])) / 1e9,
    );
    assert.ok(durationS > 0);
    assertAccounted(watch);
    // One that comes after it is another shortage.
    const { pid } = await outgrow(cgroup);
    const next = (await findCounted(watch, cgroup.path, kills + 1)).at(-1);
    assert.equal(next?.attributes["process.pid"], pid);
    assert.notEqual(
      next?.attributes["kerntel.oom.shortage.id"],
      ended?.attributes["kerntel.oom.shortage.id"],
    );
    context.diagnostic(`${kills} kills in ${durationS.toFixed(1)} s`);
  },
);

liveTest(
  "a cgroup that is killed in without end has two records for each longest time of a shortage",
  async (context) => {
    await using cgroup = makeMemoryCgroup(name("endless"), OOM_LIMIT_BYTES);
    if (isHostsAlone(context)) return;
    // Longer than it takes user space to take away what is over.
    const longestMs = 1_600;
    await using watch = await watchOom({ longestMs });
    const from = performance.now();
    const kills = await provokeRepeatedOom(cgroup, 80);
    const tookMs = performance.now() - from;
    const records = await findCounted(watch, cgroup.path, kills);
    const begun = records.filter((record) => stateOf(record) === "begun").length;
    context.diagnostic(
      `${kills} kills in ${tookMs.toFixed(0)} ms, ${records.length} records, ${begun} shortages`,
    );
    assert.ok(begun <= Math.ceil(tookMs / longestMs) + 1);
    assert.ok(records.length <= 2 * begun);
    assert.ok(records.length < kills);
    assertAccounted(watch);
  },
);

liveTest(
  "nothing is lost while the reader is blocked, and what is open at the end of a run is reported",
  async () => {
    await using cgroup = makeMemoryCgroup(name("blocked"), OOM_LIMIT_BYTES);
    let kills = 0;
    let watched: LoneEvent;
    {
      await using watch = await watchOom({ quietMs: 600_000, longestMs: 600_000 });
      watched = watch;
      kills = provokeWhileBlocked(cgroup, 6);
      assert.equal(watch.records.length, 0);
      await findCounted(watch, cgroup.path, kills);
      kills += await provokeRepeatedOom(cgroup, 3);
    }
    const records = await findCounted(watched, cgroup.path, kills);
    assert.deepEqual(
      records.map((record) => [stateOf(record), countOf(record)]),
      [
        ["begun", kills - 3],
        ["ended", 3],
      ],
    );
    assertAccounted(watched);
  },
);
