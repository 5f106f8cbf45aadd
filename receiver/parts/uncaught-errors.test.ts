import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { UncaughtCount } from "./uncaught-errors.ts";

interface Outcome {
  readonly lines: readonly string[];
  readonly restarts: readonly string[];
  readonly states: readonly string[];
  readonly counts: readonly UncaughtCount[];
}

/** Of those that are no usual error. */
const DESCRIPTIONS: Readonly<Record<string, RegExp>> = {
  text: /from text\n$/,
  unreadable: /: an object that cannot be turned into text\n$/,
  textless: /: an object that cannot be turned into text\n$/,
};

test("whatever way an error goes uncaught, it is counted, reported and restarts its part, and the process goes on", () => {
  // The test runner takes uncaught errors for its own.
  const child = spawnSync(process.execPath, [join(import.meta.dirname, "fixtures/failing-parts.ts")], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(child.status, 0, child.stderr);
  const { lines, restarts, states, counts } = JSON.parse(child.stdout) as Outcome;
  const ways = [
    "timer",
    "interval",
    "immediate",
    "tick",
    "microtask",
    "rejection",
    "continuation",
    "emitter",
    "unreadable",
    "textless",
    "text",
    "guard",
  ];
  assert.deepEqual(restarts.toSorted(), ways.toSorted());
  for (const name of ways) {
    assert.deepEqual(
      counts.filter((count) => count.name === name),
      [{ kind: "delivery", name, count: 1 }],
    );
    const said = lines.filter((line) =>
      new RegExp(`^kerntel: uncaught error: delivery ${name}[,:]`).test(line),
    );
    assert.equal(said.length, 1, lines.join(""));
    assert.match(said[0] ?? "", DESCRIPTIONS[name] ?? /, at .*parts.*:\d+:\d+\)?: Error: from \w+\n$/);
  }
  assert.deepEqual(
    counts.filter(({ kind }) => kind === "other"),
    [{ kind: "other", name: "", count: 1 }],
  );
  // The error, and the one of its restart.
  assert.deepEqual(
    counts.filter(({ kind }) => kind === "control"),
    [{ kind: "control", name: "", count: 2 }],
  );
  // One place, whatever the messages are: one line.
  assert.deepEqual(
    counts.filter(({ kind }) => kind === "metrics"),
    [{ kind: "metrics", name: "", count: 50 }],
  );
  assert.equal(lines.filter((line) => line.startsWith("kerntel: uncaught error: metrics")).length, 1);
  assert.deepEqual(
    counts.filter(({ kind }) => kind === "event"),
    [{ kind: "event", name: "test", count: 1 }],
  );
  // Restarted by its runner alone.
  assert.deepEqual(states, ["running", "restarting from the event; next try in 0 s", "running"]);
});
