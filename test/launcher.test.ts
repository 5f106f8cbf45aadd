import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

/** The launcher in a tree of its own, whose Node prints its arguments. */
function makeTree(context: TestContext, files: readonly string[]): string {
  const tree = mkdtempSync(join(tmpdir(), "kerntel launcher "));
  context.after(() => rmSync(tree, { recursive: true }));
  cpSync(join(import.meta.dirname, "../kerntel"), join(tree, "kerntel"));
  for (const file of files) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    writeFileSync(join(tree, file), '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n', { mode: 0o755 });
  }
  return tree;
}

const setUp = ["node_modules/.bin/node", "bpf/loader/build/Release/bpf_loader.node"];

test("arguments and exit code pass through, also by a link from elsewhere", (context) => {
  const tree = makeTree(context, setUp);
  symlinkSync("kerntel", join(tree, "inner"));
  mkdirSync(join(tree, "bin"));
  symlinkSync("../inner", join(tree, "bin/kerntel"));
  const { status, stdout } = spawnSync(join(tree, "bin/kerntel"), ["run", "--config", "a b.yaml"], {
    cwd: "/",
    encoding: "utf8",
  });
  assert.deepEqual(stdout.split("\n"), [
    "--disable-sigusr1",
    join(tree, "receiver/main.ts"),
    "run",
    "--config",
    "a b.yaml",
    "",
  ]);
  assert.equal(status, 3);
});

test("the bundle is started, and the sources where one of them is newer", (context) => {
  const sources = ["receiver/main.ts", "events/oom/event.ts", "events/oom/event.test.ts"];
  const tree = makeTree(context, [...setUp, ...sources, "build/program/main.js"]);
  const date = (file: string, seconds: number): void => utimesSync(join(tree, file), seconds, seconds);
  const start = (): string =>
    spawnSync(join(tree, "kerntel"), ["run"], { encoding: "utf8" }).stdout.replace(`${tree}/`, "");
  for (const file of sources) date(file, 1_000);
  date("build/program/main.js", 2_000);
  assert.equal(start(), "--disable-sigusr1\nbuild/program/main.js\nrun\n");
  date("events/oom/event.test.ts", 3_000);
  assert.equal(start(), "--disable-sigusr1\nbuild/program/main.js\nrun\n");
  date("events/oom/event.ts", 3_000);
  assert.equal(start(), "--disable-sigusr1\nreceiver/main.ts\nrun\n");
});

for (const there of [[], setUp.slice(0, 1)]) {
  test(`says how to set up where only this is there: ${there.join() || "nothing"}`, (context) => {
    const tree = makeTree(context, there);
    const { status, stdout, stderr } = spawnSync(join(tree, "kerntel"), ["run"], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^kerntel: not set up yet; run: make -C \S.* setup\n$/);
  });
}
