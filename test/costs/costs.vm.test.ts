/** Measures what kernel halves cost, holds it against `test/costs.md`, and writes the table anew where it changed. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fetchKernel } from "../vm/debian-kernel.ts";
import { cacheFolder, prepare } from "../vm/prepare.ts";
import { findProgram } from "../vm/run-tool.ts";
import { findGrowth, isSame } from "./cost-growth.ts";
import { findUndeclared, findUnreached, toRows } from "./cost-rows.ts";
import { readCosts, writeCosts } from "./cost-table.ts";
import { makePlan } from "./make-plan.ts";
import { runCostGuest } from "./run-guest.ts";

/** The series that HUATUO's figures are of. */
const SERIES = "6.1";
const tools = ["qemu-system-x86_64", "setpriv", "mkfs.ext4", "depmod", "gcc"];
const tablePath = join(import.meta.dirname, "../costs.md");
/** `make costs`: what grew is taken as it is. */
const isAccepted = process.env["KERNTEL_COSTS"] === "accept";
/** `make costs ONLY=softirq,dropwatch`: these events, and what all probes add to packets, printed and not kept. */
const only = (process.env["KERNTEL_COSTS_ONLY"] ?? "").split(",").filter((name) => name !== "");

test("what kernel halves cost", async (context) => {
  const kernel = await prepare(context, () => {
    for (const name of tools) findProgram(name);
    return fetchKernel(SERIES, cacheFolder);
  });
  if (kernel === undefined) return;
  const { plan, costs, emptyPrograms } = await makePlan(only);
  const lines = await runCostGuest({ kernel, plan, emptyPrograms, signal: context.signal });
  const now = toRows(plan.events, costs, lines);
  if (only.length > 0) {
    context.diagnostic(writeCosts(now));
    assert.deepEqual(findUnreached(plan.events, lines), []);
    return;
  }
  const text = existsSync(tablePath) ? readFileSync(tablePath, "utf8") : "";
  const before = readCosts(text);
  const grown = findGrowth(before, now);

  await context.test("every state of an event was reached", () => {
    assert.deepEqual(findUnreached(plan.events, lines), []);
  });
  await context.test("every program that fixed work reaches is measured, or says why not", () => {
    assert.deepEqual(findUndeclared(now, plan.events, costs, lines), []);
  });
  await context.test("no figure is a tenth above test/costs.md", { skip: isAccepted && "make costs" }, () => {
    assert.deepEqual(grown, []);
  });
  await context.test("the table of costs is written", (step) => {
    const table = writeCosts(now);
    if (isAccepted) {
      writeFileSync(tablePath, table);
      step.diagnostic(table);
    } else if (grown.length > 0) {
      step.skip("a figure grew: test/costs.md stays as it is; make costs writes it nevertheless");
    } else if (isSame(before, now)) step.diagnostic("test/costs.md is as it was");
    else if (process.env["CI"] === "true") step.diagnostic(`test/costs.md would now read:\n${table}`);
    else {
      writeFileSync(tablePath, table);
      step.diagnostic("test/costs.md has changed: commit it");
    }
  });
});
