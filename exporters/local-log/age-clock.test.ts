import assert from "node:assert/strict";
import { test } from "node:test";
import { AgeClock, type ClockReadings, type NotedAge } from "./age-clock.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOON_MS = 1_780_000_000_000;

/** A machine whose clocks the test sets. */
class Machine {
  bootId = "first";
  bootMs = HOUR_MS;
  wallMs = NOON_MS;

  readonly read = (): ClockReadings => ({ bootId: this.bootId, bootMs: this.bootMs, wallMs: this.wallMs });

  pass(ms: number): void {
    this.bootMs += ms;
    this.wallMs += ms;
  }

  /** Off for that long; its wall clock is wrong by so much afterwards. */
  reboot(offMs: number, wrongMs = 0): void {
    this.bootId += " again";
    this.bootMs = 10_000;
    this.wallMs += offMs + wrongMs;
  }

  start(noted?: NotedAge): AgeClock {
    return new AgeClock(noted, this.read);
  }
}

test("a step of the wall clock by years, either way, changes no age", () => {
  const machine = new Machine();
  const clock = machine.start();
  const beginMs = clock.now();
  for (const stepMs of [3650 * DAY_MS, -7300 * DAY_MS, 3650 * DAY_MS]) {
    machine.wallMs += stepMs;
    machine.pass(HOUR_MS);
  }
  assert.equal(clock.now() - beginMs, 3 * HOUR_MS);
});

test("age goes on through restarts and kills of the process, whatever the wall clock did meanwhile", () => {
  const machine = new Machine();
  const first = machine.start();
  const beginMs = first.now();
  const noted = first.note();
  machine.pass(5 * HOUR_MS);
  // Killed here, five hours after it noted anything.
  machine.wallMs += 90 * DAY_MS;
  machine.pass(HOUR_MS);
  const second = machine.start(noted);
  assert.equal(second.now() - beginMs, 6 * HOUR_MS);
  machine.pass(2 * HOUR_MS);
  assert.equal(second.now() - beginMs, 8 * HOUR_MS);
});

for (const [what, offMs, wrongMs, setRightAfterMs, expectedMs] of [
  ["with a clock that is right", 3 * DAY_MS, 0, 0, 3 * DAY_MS],
  ["with a clock in the year 2038 that is set after a minute", DAY_MS, 4000 * DAY_MS, 60_000, DAY_MS],
  ["with a clock in the past that is set after a minute", DAY_MS, -400 * DAY_MS, 60_000, 0],
  ["with a clock in the past that is never set", DAY_MS, -400 * DAY_MS, Infinity, 0],
] as const) {
  test(`the time that the machine was off counts an hour after boot, ${what}`, () => {
    const machine = new Machine();
    const before = machine.start();
    const beginMs = before.now();
    const noted = before.note();
    machine.reboot(offMs, wrongMs);
    const clock = machine.start(noted);
    let isRight = wrongMs === 0;
    for (let passedMs = 0; passedMs < HOUR_MS; passedMs += 60_000) {
      assert.equal(clock.now() - beginMs, passedMs);
      if (!isRight && passedMs >= setRightAfterMs) {
        machine.wallMs -= wrongMs;
        isRight = true;
      }
      machine.pass(60_000);
    }
    assert.equal(clock.now() - beginMs, HOUR_MS + expectedMs);
    // From here on the wall clock says nothing any more.
    machine.wallMs += 1000 * DAY_MS;
    machine.pass(DAY_MS);
    assert.equal(clock.now() - beginMs, HOUR_MS + expectedMs + DAY_MS);
  });
}

test("restarts and further boots within that hour lose nothing of the time that the machine was off", () => {
  const machine = new Machine();
  const first = machine.start();
  const beginMs = first.now();
  let noted = first.note();
  machine.reboot(2 * DAY_MS);
  for (let start = 0; start < 3; start += 1) {
    const clock = machine.start(noted);
    machine.pass(10 * 60_000);
    clock.now();
    noted = clock.note();
  }
  machine.reboot(DAY_MS);
  const last = machine.start(noted);
  last.now();
  machine.pass(2 * HOUR_MS);
  assert.equal(last.now() - beginMs, 3 * DAY_MS + 30 * 60_000 + 2 * HOUR_MS);
  assert.equal(last.isNoteStale, true);
  assert.equal(last.note().before, undefined);
});

test("a clock that was years behind when it was noted does not make the machine's rest years long", () => {
  const machine = new Machine();
  machine.wallMs -= 3000 * DAY_MS;
  const noted = machine.start().note();
  machine.reboot(HOUR_MS, 3000 * DAY_MS);
  // The newest record was written when the clock was right.
  const clock = machine.start(noted);
  clock.noteWall(NOON_MS);
  const beginMs = clock.now();
  machine.pass(2 * HOUR_MS);
  assert.equal(clock.now() - beginMs, 3 * HOUR_MS);
});

test("a step of the wall clock is noted, so that it does not count as time that the machine was off", () => {
  const machine = new Machine();
  machine.wallMs -= 3000 * DAY_MS;
  const clock = machine.start();
  clock.note();
  assert.equal(clock.isNoteStale, false);
  machine.wallMs += 3000 * DAY_MS;
  assert.equal(clock.isNoteStale, true);
  clock.note();
  assert.equal(clock.isNoteStale, false);
  machine.pass(2 * HOUR_MS);
  assert.equal(clock.isNoteStale, true);
});

test("without a boot id each start counts as a boot, and a time since boot that went back is another boot", () => {
  for (const bootId of ["", "same"]) {
    const machine = new Machine();
    machine.bootId = bootId;
    const first = machine.start();
    const beginMs = first.now();
    const noted = first.note();
    machine.bootMs = 5000;
    machine.wallMs += DAY_MS;
    const clock = machine.start(noted);
    assert.equal(clock.now(), beginMs);
    machine.pass(HOUR_MS);
    assert.equal(clock.now() - beginMs, DAY_MS + HOUR_MS);
  }
});
