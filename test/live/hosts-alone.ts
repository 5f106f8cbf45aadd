/** For tests that start the program once more and ask nothing of the kernel that others do not. */
import type { TestContext } from "node:test";
import { isDisposable } from "./kernel-note.ts";

/** Skips the test, with the reason, in a virtual machine, where a start takes eight seconds of its CPU. */
export function isHostsAlone(context: TestContext): boolean {
  if (isDisposable)
    context.skip(
      "NOT TESTED: a virtual machine takes long for one more start, and this asks nothing of its kernel",
    );
  return isDisposable;
}
