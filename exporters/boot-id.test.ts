import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BOOT_ID_FILE, readBootId } from "./boot-id.ts";

test("the boot id is the one that the kernel gives, and the same at each reading", () => {
  const bootId = readBootId();
  assert.ok(bootId !== undefined);
  assert.equal(bootId, readFileSync(BOOT_ID_FILE, "utf8").trim());
  assert.equal(readBootId(), bootId);
});

test("a boot id that cannot be read or is no UUID is absent, and none is made up", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "boot-id-"));
  context.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const file = join(directory, "boot_id");
  assert.equal(readBootId(file), undefined, "a missing file");
  assert.equal(readBootId(directory), undefined, "a directory");
  const uuid = "3b241101-e2bb-4255-8caf-4136c566a962";
  const cases: readonly [text: string, expected: string | undefined][] = [
    [`${uuid}\n`, uuid],
    [uuid, uuid],
    ["", undefined],
    [`${uuid}\n${uuid}\n`, undefined],
    [uuid.replaceAll("-", ""), undefined],
    [uuid.toUpperCase(), undefined],
    ["00000000-0000-0000-0000-000000000000\n", undefined],
  ];
  for (const [text, expected] of cases) {
    writeFileSync(file, text);
    assert.equal(readBootId(file), expected, JSON.stringify(text));
  }
});
