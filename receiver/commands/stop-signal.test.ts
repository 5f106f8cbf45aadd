import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** A process that waits for a stop, signals itself after these pauses in milliseconds, and takes three seconds to end. */
function stopWith(pausesMs: readonly number[]): {
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
} {
  const script = `
    import { waitForStop } from ${JSON.stringify(new URL("stop-signal.ts", import.meta.url).href)};
    import { setTimeout as sleep } from "node:timers/promises";
    const stopped = waitForStop({ gone: new Promise(() => {}) });
    void (async () => {
      for (const pauseMs of ${JSON.stringify(pausesMs)}) {
        await sleep(pauseMs);
        process.kill(process.pid, "SIGTERM");
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
  assert.deepEqual(stopWith([0, 1, 20]), { signal: null, out: "ended" });
});

test("a second signal later ends the process at once", () => {
  assert.deepEqual(stopWith([0, 1_500]), { signal: "SIGKILL", out: "" });
});
