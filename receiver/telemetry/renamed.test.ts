import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { TelemetryError } from "./definition.ts";
import { readTelemetry, treeRoot } from "./read-telemetry.ts";
import { readRenamed, renamedPath } from "./renamed.ts";
import { makeFiles, renamedText } from "./sample-files.ts";

/** The mistakes that one change of the sample leads to. */
function problemsOf(context: TestContext, from: string, to: string): readonly string[] {
  assert.ok(renamedText.includes(from), from);
  const root = mkdtempSync(join(tmpdir(), "renamed-"));
  context.after(() => rmSync(root, { recursive: true }));
  mkdirSync(dirname(join(root, renamedPath)), { recursive: true });
  writeFileSync(join(root, renamedPath), renamedText.replace(from, to));
  try {
    readRenamed(root, makeFiles());
  } catch (error) {
    assert.ok(error instanceof TelemetryError, String(error));
    return error.problems;
  }
  return [];
}

test("the sample has no mistake, and neither has the list of this tree", (context) => {
  assert.deepEqual(problemsOf(context, "", ""), []);
  assert.ok(readRenamed(treeRoot, readTelemetry()).attributes.length > 30);
});

for (const [from, to, line, problem] of [
  ["to: kerntel.sample.sizes", "to: kerntel.sample.size", 3, "kerntel.sample.size is not declared"],
  ["[kerntel.sample.bytes]", "[kerntel.sample.reason]", 3, "kerntel.sample.reason is still declared"],
  ["[kerntel.sample.bytes]", "[kerntel.sample.sizes]", 3, "kerntel.sample.sizes is still declared"],
  ["[kerntel.sample.bytes]", "[kerntel.sample.bytes], was: ms", 3, "kerntel.sample.sizes must be a double"],
  ["[kerntel.sample.bytes]", "[kerntel.sample.elapsed]", 1, "kerntel.sample.elapsed has two new names"],
  ["kerntel.sample.duration", "kerntel.sample.failures", 5, "kerntel.sample.failures has no label"],
  ["to: kerntel.sample.failures", "to: kerntel.sample.fails", 7, "kerntel.sample.fails is not declared"],
  ["kerntel.sample.faults", "kerntel.sample.duration", 7, "kerntel.sample.duration is still declared"],
  ["was: ns", "was: us", 2, "attributes.0.was must be one of ns, ms"],
] as const)
  test(`"${to}" is refused: ${problem}`, (context) => {
    const problems = problemsOf(context, from, to);
    assert.ok(
      problems.some((each) => each.startsWith(`${renamedPath}:${line}: ${problem}`)),
      problems.join("\n"),
    );
  });

test("a name that stays may have another unit", (context) => {
  assert.deepEqual(problemsOf(context, "[kerntel.sample.elapsed]", "[kerntel.sample.age]"), []);
});
