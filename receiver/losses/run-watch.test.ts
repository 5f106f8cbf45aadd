/** One run after the other over one state directory, on a clock that a test moves. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { describeDowntime, describeLoss } from "#events/blind/report.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import type { LossTotal } from "../tracing/losses.ts";
import { RunWatch } from "./run-watch.ts";

const SECOND = 1_000_000_000;
const boot = "3b241101-e2bb-4255-8caf-4136c566a962";
const nextBoot = "9c0a2e0e-7a2f-4f0e-8a52-0b1f2f3f4a5b";
const lost = { reason: "ring_lost", event: "oom" } as const;

class Machine {
  readonly directory: string;
  readonly lines: string[] = [];
  readonly stored: ReadableLogRecord[] = [];
  clock = { bootId: boot, bootNs: 1_000 * SECOND, wallMs: 1_800_000_000_000 };
  counters: readonly LossTotal[] = [];

  constructor(context: TestContext) {
    this.directory = mkdtempSync(join(tmpdir(), "kerntel-run-"));
    context.after(() => {
      rmSync(this.directory, { recursive: true });
    });
  }

  pass(seconds: number): void {
    const { bootId, bootNs, wallMs } = this.clock;
    this.clock = { bootId, bootNs: bootNs + seconds * SECOND, wallMs: wallMs + seconds * 1_000 };
  }

  /** Counters begin anew with each run. */
  open(): Promise<RunWatch> {
    this.counters = [];
    return RunWatch.open({
      stateDirectory: this.directory,
      log: {
        newestUid: () => this.newestUid(),
        read: ({ after = "" }) =>
          Readable.from([
            this.stored.filter(({ attributes }) => String(attributes["log.record.uid"]) > after),
          ]),
      },
      collect: () => this.counters,
      newestStored: () => this.newestUid(),
      readClock: () => this.clock,
      write: (line) => this.lines.push(line),
    });
  }

  /** A run that watches for ten seconds and is stopped. */
  async runAndStop(): Promise<void> {
    const run = await this.open();
    run.begin();
    this.pass(10);
    run.noteEnd();
    await run.close();
  }

  newestUid(): string | undefined {
    return this.stored.at(-1)?.attributes["log.record.uid"] as string | undefined;
  }

  /** Stores what is unreported, as `blind` would. */
  store(run: RunWatch): void {
    const words = { wallTime: (ns: number): string => `boot+${ns}` };
    for (const loss of run.unreported()) this.#append(describeLoss(loss, words).attributes);
    for (const downtime of run.downtimes()) this.#append(describeDowntime(downtime, words).attributes);
  }

  #append(attributes: object): void {
    const uid = String(this.stored.length + 1).padStart(4, "0");
    this.stored.push({ ...createSampleRecord(uid), attributes: { ...attributes, "log.record.uid": uid } });
  }

  get mark(): { readonly isStopped: boolean; readonly losses: readonly { readonly count: number }[] } {
    return JSON.parse(readFileSync(join(this.directory, "run.json"), "utf8")) as Machine["mark"];
  }
}

/** Ends it as SIGKILL would: whatever it wanted to note is not noted. */
async function kill(run: RunWatch, machine: Machine): Promise<void> {
  const file = join(machine.directory, "run.json");
  const last = readFileSync(file);
  await run.close();
  writeFileSync(file, last);
}

test("the first run ever has no downtime, and the next has the time between the stop and the end of its start", async (context) => {
  const machine = new Machine(context);
  const first = await machine.open();
  first.begin();
  assert.deepEqual(first.downtimes(), []);
  machine.pass(10);
  first.noteEnd();
  machine.pass(2);
  await first.close();
  machine.pass(30);
  const second = await machine.open();
  machine.pass(3);
  const [downtime, ...others] = second.downtimes();
  assert.deepEqual(downtime, {
    reason: "restart",
    isCleanStop: true,
    from: 1_010 * SECOND,
    until: 1_045 * SECOND,
  });
  assert.deepEqual(others, []);
  assert.deepEqual(machine.lines, []);
});

test("a step of the wall clock between two runs does not change how long it was", async (context) => {
  const machine = new Machine(context);
  await machine.runAndStop();
  machine.pass(5);
  machine.clock = { ...machine.clock, wallMs: machine.clock.wallMs - 86_400_000 };
  const [downtime] = (await machine.open()).downtimes();
  assert.deepEqual([downtime?.from, downtime?.until], [1_010 * SECOND, 1_015 * SECOND]);
});

test("a run that was killed leaves a crash from when it last noted that it lives", async (context) => {
  const machine = new Machine(context);
  const killed = await machine.open();
  killed.begin();
  while (!existsSync(join(machine.directory, "run.json"))) await new Promise(setImmediate);
  machine.pass(8);
  await kill(killed, machine);
  machine.pass(20);
  const [downtime] = (await machine.open()).downtimes();
  const expected = { reason: "crash", isCleanStop: false, from: 1_000 * SECOND, until: 1_028 * SECOND };
  assert.deepEqual(downtime, expected);
});

test("a run that never watched leaves the mark of the one before", async (context) => {
  const machine = new Machine(context);
  await machine.runAndStop();
  machine.pass(5);
  const failed = await machine.open();
  machine.pass(5);
  await failed.close();
  machine.pass(5);
  const [downtime] = (await machine.open()).downtimes();
  assert.deepEqual([downtime?.from, downtime?.until], [1_010 * SECOND, 1_025 * SECOND]);
});

test("in another boot the wall clock says how long it was, and the time since boot is the least", async (context) => {
  const machine = new Machine(context);
  await machine.runAndStop();
  const { wallMs } = machine.clock;
  machine.clock = { bootId: nextBoot, bootNs: 20 * SECOND, wallMs: wallMs + 3_600_000 };
  const run = await machine.open();
  assert.deepEqual(run.downtimes(), [
    { reason: "reboot", isCleanStop: true, previousBootId: boot, from: -3_580 * SECOND, until: 20 * SECOND },
  ]);
  // The wall clock is read in parts of a millisecond, and moments are whole nanoseconds.
  machine.clock = { bootId: nextBoot, bootNs: 20 * SECOND, wallMs: wallMs + 3_600_000.3 };
  assert.ok((await machine.open()).downtimes().every(({ from }) => Number.isInteger(from)));
  // A clock that lost its battery.
  machine.clock = { bootId: nextBoot, bootNs: 20 * SECOND, wallMs: 0 };
  const [downtime] = (await machine.open()).downtimes();
  assert.deepEqual([downtime?.from, downtime?.until], [0, 20 * SECOND]);
});

test("what was not reported is carried to the next run, also into another boot, and only once", async (context) => {
  const machine = new Machine(context);
  const first = await machine.open();
  first.begin();
  machine.pass(10);
  machine.counters = [{ ...lost, total: 7, seen: 9 }];
  first.noteEnd();
  await first.close();
  const { wallMs } = machine.clock;
  machine.clock = { bootId: nextBoot, bootNs: 5 * SECOND, wallMs: wallMs + 60_000 };
  const second = await machine.open();
  second.begin();
  const [loss] = second.unreported();
  assert.deepEqual([loss?.reason, loss?.event, loss?.count, loss?.isCarried], ["ring_lost", "oom", 7, true]);
  // It began with the first run: 10 s before its end, and 60 s before now.
  assert.equal(loss?.from, (5 - 60 - 10) * SECOND);
  second.reported(loss);
  second.noteEnd();
  await second.close();
  assert.deepEqual(machine.mark.losses, []);
});

test("records that were stored just before a kill, and not noted, are not reported again", async (context) => {
  const machine = new Machine(context);
  await machine.runAndStop();
  const killed = await machine.open();
  machine.counters = [{ ...lost, total: 4 }];
  killed.begin();
  // Reported before a mark has it, it would be reported again by the next run.
  assert.deepEqual(killed.downtimes(), []);
  while (killed.downtimes().length === 0) await new Promise(setImmediate);
  assert.equal(machine.mark.losses[0]?.count, 4);
  machine.counters = [{ ...lost, total: 6 }];
  machine.store(killed);
  await kill(killed, machine);
  machine.pass(5);
  const next = await machine.open();
  assert.deepEqual(next.unreported(), []);
  assert.deepEqual(
    next.downtimes().map(({ reason }) => reason),
    ["crash"],
  );
});

test("a downtime that was not stored is carried too, in front of the new one", async (context) => {
  const machine = new Machine(context);
  await machine.runAndStop();
  machine.pass(5);
  await machine.runAndStop();
  machine.pass(7);
  const run = await machine.open();
  const spans = run.downtimes().map(({ from, until }) => [from / SECOND, until / SECOND]);
  assert.deepEqual(spans, [
    [1_010, 1_015],
    [1_025, 1_032],
  ]);
  for (let start = 0; start < 100; start++) await machine.runAndStop();
  assert.equal((await machine.open()).downtimes().length, 32);
});

test("a mark that cannot be read or written is said once, and the run goes on", async (context) => {
  const machine = new Machine(context);
  const file = join(machine.directory, "run.json");
  writeFileSync(file, "{");
  const run = await machine.open();
  assert.match(
    machine.lines.join(""),
    /run: the end of the run before this one cannot be read: .* is damaged/,
  );
  assert.deepEqual(run.downtimes(), []);
  rmSync(file);
  mkdirSync(file);
  run.begin();
  run.noteEnd();
  await run.close();
  assert.equal(machine.lines.length, 2);
  assert.match(machine.lines[1] ?? "", /cannot note that this run lives.*EISDIR/);
});
