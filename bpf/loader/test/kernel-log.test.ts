import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { followKernelLog } from "../source/index.ts";
import type { KernelLogRecord } from "../source/index.ts";
import { live } from "./fixture.ts";

const words = `bpf-loader test ${process.pid}`;

/** Writes lines when the log is followed, and resolves with those that came of them. */
async function follow(count: number): Promise<KernelLogRecord[]> {
  const found: KernelLogRecord[] = [];
  await new Promise<void>((resolve, reject) => {
    // The log does not keep the process alive by itself.
    const alive = setInterval(() => {}, 60_000);
    const log = followKernelLog({
      onRecord: (record) => {
        if (!record.text.startsWith(words)) return;
        found.push(record);
        if (found.length < count) return;
        log[Symbol.dispose]();
        clearInterval(alive);
        resolve();
      },
      onOverrun: () => {},
      onFailed: reject,
    });
    for (let line = 0; line < count; line++) writeFileSync("/dev/kmsg", `<6>${words}: ${line}\n`);
  });
  return found;
}

describe("the kernel's log", () => {
  test(
    "tells what is said after it was opened, in its order, and again after it was read",
    live,
    async () => {
      const records = await follow(3);
      assert.deepEqual(
        records.map(({ text }) => text),
        [0, 1, 2].map((line) => `${words}: ${line}`),
      );
      // Not the kernel's own facility, whatever the line asks for.
      assert.ok(records.every(({ facility, level }) => facility !== 0 && level === 6));
      const sequences = records.map(({ sequence }) => sequence);
      assert.deepEqual(
        sequences,
        sequences.toSorted((left, right) => left - right),
      );
    },
  );

  test("is closed twice without harm", live, () => {
    const log = followKernelLog({ onRecord: () => {}, onOverrun: () => {}, onFailed: () => {} });
    log[Symbol.dispose]();
    log[Symbol.dispose]();
  });
});
