import assert from "node:assert/strict";
import { test } from "node:test";
import { describeProcess } from "./process-state.ts";

test("each thread of a process is told with its name and state, and a gone process has none", () => {
  const described = describeProcess(process.pid);
  assert.match(described, new RegExp(`^  ${process.pid} [^\\n]+: R \\(running\\), `, "m"));
  assert.ok(described.split("\n").length > 2);
  // Larger than the largest process id.
  assert.equal(describeProcess(2 ** 23), `process ${2 ** 23}:\n`);
});
