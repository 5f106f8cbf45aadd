import assert from "node:assert/strict";
import { test } from "node:test";
import { countAll, toInstructions } from "./slices.ts";

test("an interrupt inside a program is left out, wherever it comes", () => {
  const quiet = [20, 20 * 2 * 45] as const;
  const interrupted = [20, 20 * 2 * 45 + 2 * 5_000] as const;
  for (const slices of [
    [interrupted, quiet, quiet],
    [quiet, quiet, interrupted, quiet],
    [quiet, interrupted, interrupted, quiet, quiet],
  ])
    assert.equal(toInstructions(slices), 45);
});

test("what every slice has stays in the figure", () => {
  assert.equal(
    toInstructions([
      [10, 2_000],
      [10, 2_400],
      [10, 2_200],
      [10, 2_600],
    ]),
    115,
  );
});

test("slices in which nothing ran say nothing", () => {
  assert.equal(
    toInstructions([
      [0, 0],
      [4, 80],
      [0, 0],
    ]),
    10,
  );
  assert.ok(Number.isNaN(toInstructions([[0, 0]])));
  assert.equal(
    countAll([
      [0, 0],
      [4, 80],
      [3, 9],
    ]),
    7,
  );
});
