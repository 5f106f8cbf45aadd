import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { countFreeDescriptors, readDescriptorLimit } from "./descriptors.ts";

const MODULE = JSON.stringify(join(import.meta.dirname, "descriptors.ts"));

test("each file that is opened leaves one descriptor less", () => {
  const before = countFreeDescriptors();
  const files = Array.from({ length: 20 }, () => openSync("/dev/null", "r"));
  const during = countFreeDescriptors();
  files.forEach(closeSync);
  assert.equal(before - during, 20);
  assert.equal(countFreeDescriptors(), before);
});

test("the limit is the process's own, which Node raises to the hard one, and nothing is left where it is reached", () => {
  const script = `
    import { openSync } from "node:fs";
    import { countFreeDescriptors } from ${MODULE};
    const before = countFreeDescriptors();
    let opened = 0;
    try { for (;;) { openSync("/dev/null", "r"); opened += 1; } } catch {}
    console.log(JSON.stringify([before, opened, countFreeDescriptors()]));`;
  const limit = 'ulimit -Sn 64; ulimit -Hn 200; exec "$0" --input-type=module --eval "$1"';
  const { stdout, stderr } = spawnSync("sh", ["-c", limit, process.execPath, script], { encoding: "utf8" });
  const [before, opened, after] = JSON.parse(stdout || stderr) as [number, number, number];
  assert.ok(before > 100 && before < 200, `${before}`);
  // Those that counting itself needs for a moment.
  assert.ok(Math.abs(before - opened) <= 2, `${before} free, ${opened} opened`);
  assert.equal(after, 0);
});

test("without a limit there is no end of them", () => {
  assert.equal(
    readDescriptorLimit("Max open files            unlimited            unlimited            files"),
    Infinity,
  );
  assert.equal(
    readDescriptorLimit("Max open files            1024                 4096                 files"),
    1024,
  );
});
