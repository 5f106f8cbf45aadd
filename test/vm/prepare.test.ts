import assert from "node:assert/strict";
import { test } from "node:test";
import { prepare } from "./prepare.ts";
import { VmError } from "./vm-error.ts";

const unavailable = new VmError("VM_UNAVAILABLE", "no QEMU");
const failed = new VmError("VM_FAILED", "no boot");

for (const [title, error, ci, skipped] of [
  ["skips with its reason what this machine lacks", unavailable, "", ["NOT TESTED on this kernel: no QEMU"]],
  ["has no excuse in CI", unavailable, "true", undefined],
  ["has no excuse for what went wrong", failed, "", undefined],
] as const) {
  test(`a kernel matrix ${title}`, async (context) => {
    const before = process.env["CI"] ?? "";
    context.after(() => {
      process.env["CI"] = before;
    });
    process.env["CI"] = ci;
    const said: string[] = [];
    const attempt = (): Promise<unknown> =>
      prepare({ skip: (reason = "") => said.push(reason) }, () => {
        throw error;
      });
    if (skipped === undefined) await assert.rejects(attempt, error);
    else assert.equal(await attempt(), undefined);
    assert.deepEqual(said, skipped ?? []);
  });
}
