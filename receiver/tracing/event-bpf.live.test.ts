/** The kernel half of an event under the framework: what is counted, and that nothing ends the run. */
import assert from "node:assert/strict";
import { liveTest } from "#test/live/live-test.ts";
import { waitUntil } from "#test/live/wait-until.ts";
import { dropDatagrams } from "#test/provoke/drop.ts";
import { Accounting } from "./accounting.ts";
import { loadEvent } from "./event-bpf.ts";
import type { EventBpfContext } from "./attached-event.ts";
import type { EventBpfOptions, LoadedEvent, RecordLayout } from "./contract.ts";
import { createKernelNames } from "./kernel-names.ts";
import type { KernelSums } from "./kernel-sums.ts";

const program = createKernelNames().hasTracepoint("kfree_skb", 4) ? "drop_with_receiver" : "drop_with_reason";
const dropwatch: EventBpfOptions = {
  object: new URL("../../events/dropwatch/dropwatch.bpf.o", import.meta.url),
  programs: [program],
  countMaps: ["drop_counts"],
};

interface Run extends Disposable {
  readonly context: EventBpfContext;
  readonly warnings: string[];
}

function makeRun(accounting = new Accounting(), earlierSums = new Map<string, KernelSums>()): Run {
  const stop = new AbortController();
  const warnings: string[] = [];
  const log = {
    info: (): void => {},
    warn: (message: string, cause?: unknown): void => void warnings.push(`${message}: ${String(cause)}`),
  };
  return {
    context: { signal: stop.signal, accounting, log, earlierSums, onBatch: () => {} },
    warnings,
    [Symbol.dispose]: () => {
      stop.abort();
    },
  };
}

async function readUntil<Record>(layout: RecordLayout<Record>, run: Run, handle: () => void): Promise<void> {
  using loaded = loadEvent(dropwatch, run.context);
  const reading = loaded.read([[layout, handle]]);
  await dropDatagrams("udp4", 10);
  await waitUntil("ten drops in the books", () => {
    const { seen, undecodable } = run.context.accounting.counts();
    return seen >= 10 && undecodable >= 10 ? true : undefined;
  });
  run[Symbol.dispose]();
  await reading;
}

liveTest("a record of another size is counted and named, and never decoded", async () => {
  using run = makeRun();
  let decoded = 0;
  await readUntil({ struct: "dropwatch_record", sizeBytes: 8, read: () => decoded++ }, run, () => {});
  assert.equal(decoded, 0);
  const { seen, undecodable } = run.context.accounting.counts();
  assert.equal(seen, undecodable);
  assert.match(run.warnings[0] ?? "", /dropwatch_record has \d+ bytes, and its reader is for 8/);
});

const readNumber = (view: DataView, offset: number): bigint => view.getBigUint64(offset + 8, true);

liveTest("kinds of one size reach their own readers, and what is of no kind is counted", async () => {
  using run = makeRun();
  const object = new URL("../../test/provoke/kinds.bpf.o", import.meta.url);
  using loaded = loadEvent({ object, programs: [], unattachedPrograms: ["write_kinds"] }, run.context);
  const taken: string[] = [];
  const takeAs =
    (name: string) =>
    (number: bigint): void =>
      void taken.push(`${name} ${number}`);
  const reading = loaded.read([
    [{ struct: "second_record", sizeBytes: 16, read: readNumber }, takeAs("second")],
    [{ struct: "first_record", sizeBytes: 16, read: readNumber }, takeAs("first")],
    [{ struct: "third_record", sizeBytes: 24, read: readNumber }, takeAs("third")],
    [{ struct: "fourth_record", sizeBytes: 16, read: readNumber }, takeAs("fourth")],
  ]);
  assert.equal(loaded.run("write_kinds"), 0);
  run[Symbol.dispose]();
  await reading;
  assert.deepEqual(taken, ["first 1", "second 2"]);
  const { seen, undecodable, ring_lost: lost } = run.context.accounting.counts();
  assert.deepEqual({ seen, undecodable, lost }, { seen: 7, undecodable: 5, lost: 0 });
  assert.deepEqual(run.warnings.slice(0, 2), [
    "records cannot be decoded: third_record has 16 bytes, and its reader is for 24: undefined",
    "records cannot be decoded: the object has no records fourth_record: undefined",
  ]);
  assert.match(run.warnings.join("\n"), /third_record has no reader that fits/);
  assert.match(run.warnings.join("\n"), /first_record of 24 bytes instead of 16/);
  assert.match(run.warnings.join("\n"), /nothing reads records of kind 0/);
  assert.match(run.warnings.join("\n"), /nothing reads records of kind 4294967\d{3}/);
  assert.match(run.warnings.join("\n"), /a record of 4 bytes has no kind/);
});

liveTest("a record that the event chokes on is counted, and the next one is read", async () => {
  using run = makeRun();
  const { dropwatchRecordLayout } = await import("#events/dropwatch/record.generated.ts");
  await readUntil({ ...dropwatchRecordLayout, read: () => 1 }, run, () => {
    throw new Error("no such state");
  });
  const { seen, undecodable } = run.context.accounting.counts();
  assert.equal(seen, undecodable);
});

function countPackets(loaded: LoadedEvent): number {
  const counts = loaded.sums<number, { readonly reasons: readonly number[] }>("drop_counts");
  return counts.flatMap(({ value }) => value.reasons).reduce((sum, count) => sum + count, 0);
}

liveTest("counts go on after a restart of the event, also those that nobody had asked for", async () => {
  const accounting = new Accounting();
  const earlierSums = new Map<string, KernelSums>();
  {
    using first = makeRun(accounting, earlierSums);
    await readUntil({ struct: "dropwatch_record", sizeBytes: 8, read: () => 1 }, first, () => {});
  }
  const { seen } = accounting.counts();
  using second = makeRun(accounting, earlierSums);
  using loaded = loadEvent(dropwatch, second.context);
  const packets = countPackets(loaded);
  assert.ok(seen >= 10 && accounting.counts().seen >= seen);
  assert.ok(packets >= 10, `${packets} packets`);
  loaded[Symbol.dispose]();
  assert.ok(countPackets(loaded) >= packets);
});

liveTest("an optional program that this kernel does not take costs the event nothing", () => {
  using run = makeRun();
  using loaded = loadEvent({ ...dropwatch, optionalPrograms: ["no_such_program"] }, run.context);
  assert.deepEqual(loaded.hooks, ["tp_btf/kfree_skb"]);
});

liveTest(
  "of programs that do the same, the first group that this kernel takes whole is attached, or none",
  () => {
    using run = makeRun();
    const groups = [[program, "no_such_program"], [program]];
    using loaded = loadEvent({ ...dropwatch, programs: [], alternatives: groups }, run.context);
    assert.deepEqual(loaded.hooks, ["tp_btf/kfree_skb"]);
    using none = loadEvent({ ...dropwatch, alternatives: [["no_such_program"]] }, run.context);
    assert.deepEqual(none.hooks, ["tp_btf/kfree_skb"]);
  },
);

liveTest(
  "a kernel half that is wanted for a time only ends while the run goes on, and is in the books",
  async () => {
    using run = makeRun();
    const wanted = new AbortController();
    using loaded = loadEvent({ ...dropwatch, until: wanted.signal }, run.context);
    const reading = loaded.read([]);
    await dropDatagrams("udp4", 10);
    await waitUntil("ten drops in the books", () => run.context.accounting.counts().seen >= 10 || undefined);
    wanted.abort();
    await reading;
    loaded[Symbol.dispose]();
    const { seen, undecodable } = run.context.accounting.counts();
    assert.ok(seen >= 10 && seen === undecodable && !run.context.signal.aborted);
  },
);
