/** When shortages are reported: by a clock that only the test moves. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ShortageReports } from "./shortage-reports.ts";

interface FakeProgram {
  readonly reports: ShortageReports;
  /** Milliseconds at which reports were made, from the beginning of the test. */
  readonly times: readonly number[];
  readonly stop: AbortController;
  open: number;
  detach(): void;
  pass(durationMs: number): void;
}

function watch(open: number): Disposable & FakeProgram {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  const times: number[] = [];
  const configured: object[] = [];
  const stop = new AbortController();
  let detach: (() => void) | undefined;
  const fake = {
    open,
    times,
    stop,
    detach: (): void => {
      detach?.();
      assert.deepEqual(configured, [{ is_ending: 1 }]);
    },
    pass: (durationMs: number): void => {
      // Timers that a timer sets are due within the same step only if the clock stands still there.
      for (let each = 0; each < durationMs; each += 10) mock.timers.tick(10);
    },
    [Symbol.dispose]: (): void => {
      mock.timers.reset();
    },
  };
  const program = {
    run: (name: string): number => {
      assert.equal(name, "report_shortages");
      times.push(Date.now());
      return fake.open;
    },
    configure: (settings: object): void => void configured.push(settings),
    onDetached: (act: () => void): void => void (detach = act),
  };
  return Object.assign(fake, { reports: new ShortageReports(program, stop.signal) });
}

test("a shortage is reported once its first victims are there, and looked at each second while one is open", () => {
  using program = watch(1);
  program.reports.note();
  program.pass(3_000);
  assert.deepEqual(program.times, [60, 1_060, 2_060]);
  program.open = 0;
  program.pass(10_000);
  assert.deepEqual(program.times, [60, 1_060, 2_060, 3_060]);
});

test("one that begins while another one settles is reported in its own time", () => {
  using program = watch(1);
  program.reports.note();
  program.pass(50);
  program.reports.note();
  program.pass(100);
  assert.deepEqual(program.times, [60, 110]);
});

test("nothing is looked at where nothing began, nor after the end of the run", () => {
  using program = watch(1);
  program.pass(5_000);
  assert.deepEqual(program.times, []);
  program.reports.note();
  program.stop.abort();
  program.pass(5_000);
  assert.deepEqual(program.times, []);
});

test("what is open at the end is reported then", () => {
  using program = watch(1);
  program.reports.note();
  program.pass(20);
  program.detach();
  assert.deepEqual(program.times, [20]);
  program.pass(5_000);
  assert.deepEqual(program.times, [20]);
});
