import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { compileStale } from "./compile-stale.ts";
import { findTools } from "./find-tools.ts";

const program = `#include <linux/types.h>
#include "event.h"
struct sample_record { nanoseconds time; };
EVENT(sample_record);
`;
const source = "events/sample/sample.bpf.c";
const output = "events/sample/sample.bpf.o";

function makeTree(context: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "compile-"));
  context.after(() => rmSync(root, { recursive: true }));
  cpSync(new URL("../include", import.meta.url), join(root, "bpf/include"), { recursive: true });
  mkdirSync(join(root, "events/sample"), { recursive: true });
  writeFileSync(join(root, source), program);
  return root;
}

/** As if the file had been saved a minute from now: file times may be coarse. */
function saveLater(path: string): void {
  const later = Date.now() / 1000 + 60;
  utimesSync(path, later, later);
}

test("an object keeps its BTF, drops DWARF, and names no folder of the machine", async (context) => {
  const root = makeTree(context);
  assert.deepEqual(await compileStale(root, [source]), [output]);
  const object = readFileSync(join(root, output), "latin1");
  assert.ok(object.includes(".BTF\0"));
  assert.ok(!object.includes(".debug_info"));
  assert.ok(!object.includes(root));
});

test("what did not change is not compiled again; a change of source or header is seen", async (context) => {
  const root = makeTree(context);
  writeFileSync(join(root, "events/sample/limits.h"), "");
  await compileStale(root, [source]);
  assert.deepEqual(await compileStale(root, [source]), []);
  for (const changed of [source, "bpf/include/event.h", "events/sample/limits.h"]) {
    saveLater(join(root, changed));
    assert.deepEqual(await compileStale(root, [source]), [output], changed);
    const past = Date.now() / 1000 - 60;
    utimesSync(join(root, changed), past, past);
  }
});

test("an error names every source that failed, and leaves the old object as it was", async (context) => {
  const root = makeTree(context);
  await compileStale(root, [source]);
  const before = readFileSync(join(root, output));
  writeFileSync(join(root, source), "int wrong = nothing;\n");
  saveLater(join(root, source));
  const other = "events/sample/other.bpf.c";
  writeFileSync(join(root, other), '#include "bpf/no_such_header.h"\n');
  await assert.rejects(compileStale(root, [source, other]), (error: Error) => {
    assert.match(error.message, /sample\.bpf\.c could not be compiled:\n.*sample\.bpf\.c:1:13: error:/);
    assert.match(error.message, /other\.bpf\.c could not be compiled:[^]*libbpf-dev/);
    return true;
  });
  assert.deepEqual(readFileSync(join(root, output)), before);
});

test("a tool with a version in its name is found; one that is missing is named with its package", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "tools-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "clang-14"), "", { mode: 0o755 });
  assert.throws(() => findTools(folder), { message: /llvm-strip is needed .* Debian package llvm\.$/ });
  writeFileSync(join(folder, "llvm-strip-15"), "", { mode: 0o755 });
  assert.deepEqual(findTools(`/nowhere:${folder}`), {
    clang: join(folder, "clang-14"),
    strip: join(folder, "llvm-strip-15"),
  });
  assert.throws(() => findTools("/nowhere"), { message: /clang is needed .* Debian package clang\.$/ });
});
