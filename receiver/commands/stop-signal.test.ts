import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

type Signals = readonly (readonly [pauseMs: number, signal: NodeJS.Signals])[];

/** A process that waits for a stop, sends itself these signals, each after a pause, and takes three seconds to end. */
function stopWith(signals: Signals): {
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
} {
  const script = `
    import { waitForStop } from ${JSON.stringify(new URL("stop-signal.ts", import.meta.url).href)};
    import { setTimeout as sleep } from "node:timers/promises";
    const stopped = waitForStop({ gone: new Promise(() => {}) });
    void (async () => {
      for (const [pauseMs, signal] of ${JSON.stringify(signals)}) {
        await sleep(pauseMs);
        process.kill(process.pid, signal);
      }
    })();
    await stopped;
    await sleep(3_000);
    process.stdout.write("ended");
    process.exit(0);`;
  const { signal, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return { signal, out: stdout };
}

test("a signal that comes twice at once, as from timeout(1), is one request to stop", () => {
  const signals: Signals = [
    [0, "SIGTERM"],
    [1, "SIGTERM"],
    [20, "SIGTERM"],
  ];
  assert.deepEqual(stopWith(signals), { signal: null, out: "ended" });
});

for (const [what, second] of [
  ["the same signal later", [1_500, "SIGTERM"]],
  ["another signal", [100, "SIGINT"]],
] as const) {
  test(`${what} ends the process at once`, () => {
    assert.deepEqual(stopWith([[0, "SIGTERM"], second]), { signal: "SIGKILL", out: "" });
  });
}
