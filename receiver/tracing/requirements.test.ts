import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { capabilities, capabilityForClosedPerfEvents } from "./requirements.ts";

test("the page for users names every capability that is needed, and no other", () => {
  const page = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, section = ""] = page.split("## What it needs\n");
  const named = new Set(section.split("\n## ")[0]?.match(/\bCAP_[A-Z_]+/g));
  // The control socket's group is no event's.
  const needed = [...capabilities.map(({ name }) => name), capabilityForClosedPerfEvents, "CAP_CHOWN"];
  assert.deepEqual([...named].toSorted(), needed.toSorted());
});
