/** What a memory controller's driver reports. */
import assert from "node:assert/strict";
import { controllerError, reportMemoryError } from "./provoke-memory-error.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const module = "DIMM_A1";

async function findErrors(kerntel: RunningKerntel, type: string): Promise<StoredLine[]> {
  const lines = await kerntel.look({ event: "kerntel.ras" });
  return lines.filter(
    ({ attributes }) =>
      attributes["kerntel.ras.source"] === "edac" &&
      attributes["hw.name"] === module &&
      attributes["error.type"] === type,
  );
}

function countTold(lines: readonly StoredLine[]): number {
  return lines.reduce((total, { attributes }) => total + Number(attributes["kerntel.count"]), 0);
}

liveTest(
  "errors of a memory module are told with their place, and a storm with its count",
  async (context) => {
    const kerntel = await shareKerntel("      ras: { fold_seconds: 2 }");
    reportMemoryError("uncorrected", module);
    for (let count = 0; count < 100; count++) reportMemoryError("corrected", module);
    const lines = await waitUntil("every error told", async () => {
      const corrected = await findErrors(kerntel, "corrected");
      const uncorrected = await findErrors(kerntel, "uncorrected");
      return countTold(corrected) === 100 && uncorrected.length === 1
        ? [...uncorrected, ...corrected]
        : undefined;
    });
    const [uncorrected, corrected] = lines;
    assert.ok(uncorrected !== undefined && corrected !== undefined);
    assert.deepEqual([uncorrected.severity, corrected.severity], [17, 13]);
    assert.ok(lines.length < 100, "folded");
    for (const { attributes, resource } of [uncorrected, corrected]) {
      assert.equal(attributes["hw.type"], "memory");
      assert.equal(attributes["hw.id"], module);
      assert.equal(resource["container.id"], undefined);
      for (const [name, value] of Object.entries(controllerError))
        assert.deepEqual(attributes[`kerntel.ras.edac.${name}`], value, name);
    }
    assertDeclared(lines);
    await assertBooksClose(kerntel, "ras");
    noteKernel(context, "ras", "provoked", "a memory controller's errors (mc_event), by a module of our own");
  },
);
