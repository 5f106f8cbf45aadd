import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { compileStale } from "../compile/compile-stale.ts";
import { generateRecords } from "./generate-records.ts";

const source = "events/sample/sample.bpf.c";
const generated = "events/sample/record.generated.ts";

async function makeTree(context: TestContext, isCompiled: boolean): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "generate-"));
  context.after(() => rmSync(root, { recursive: true }));
  cpSync(new URL("../include", import.meta.url), join(root, "bpf/include"), { recursive: true });
  mkdirSync(join(root, "events/sample"), { recursive: true });
  cpSync(new URL("fixtures/sample.bpf.c", import.meta.url), join(root, source));
  writeFileSync(join(root, "events/sample/stall.bpf.c"), "int unused = 1;\n");
  if (isCompiled) await compileStale(root, [source]);
  return root;
}

test("writes the reader once; a check names a file that differs and leaves it", async (context) => {
  const root = await makeTree(context, true);
  assert.deepEqual(await generateRecords(root, true), [generated]);
  assert.throws(() => readFileSync(join(root, generated)), { code: "ENOENT" });
  assert.deepEqual(await generateRecords(root, false), [generated]);
  assert.deepEqual(await generateRecords(root, true), []);
  writeFileSync(join(root, generated), "// edited\n");
  assert.deepEqual(await generateRecords(root, true), [generated]);
  assert.equal(readFileSync(join(root, generated), "utf8"), "// edited\n");
});

test("an object that was not built yet is named with the command that builds it", async (context) => {
  const root = await makeTree(context, false);
  await assert.rejects(generateRecords(root, true), {
    message: "events/sample/sample.bpf.o is missing: run npm run build:bpf.",
  });
});
