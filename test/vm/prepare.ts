import { join } from "node:path";
import type { TestContext } from "node:test";
import { VmError } from "./vm-error.ts";

/** Kernels stay here from run to run, beside the consoles of the last one. */
export const cacheFolder: string = join(import.meta.dirname, "../../build/vm");

/** Where nothing can be tested, that is said and counted as skipped; CI has no such excuse. */
export async function prepare<Value>(
  context: Pick<TestContext, "skip">,
  make: () => Value | Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await make();
  } catch (error) {
    const isExcuse = error instanceof VmError && error.code === "VM_UNAVAILABLE";
    if (!isExcuse || process.env["CI"] === "true") throw error;
    context.skip(`NOT TESTED on this kernel: ${error.message}`);
    return undefined;
  }
}
