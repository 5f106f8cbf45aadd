/** Tests that need a kernel which loads BPF. They fail where it does not, unless the user said to leave them out. */
import { test } from "node:test";
import type { TestContext } from "node:test";
import { getCallSites } from "node:util";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";
import { isDisposable } from "./kernel-note.ts";
import { scaleDeadline } from "./wait-until.ts";

const isOff = process.env["KERNTEL_TEST_LIVE"] === "off";

/** A live test may be slow on a loaded machine, but one that hangs must end, and in a guest before the guest is ended. */
const TIMEOUT_MS = Math.min(scaleDeadline(120_000), 400_000);

/** Between the file and the title of a test in a guest, where all files are one run that takes this file for theirs. */
export const titleSeparator = " › ";

export function liveTest(title: string, run: (context: TestContext) => Promise<void> | void): void {
  const skip = isOff ? "KERNTEL_TEST_LIVE=off" : false;
  const file = isDisposable ? getCallSites(2)[1]?.scriptName.replace("file://", "") : undefined;
  const name = file === undefined ? title : `${file}${titleSeparator}${title}`;
  void test(name, { skip, timeout: TIMEOUT_MS }, async (context) => {
    try {
      await run(context);
    } catch (error) {
      // The table of kernels fails where this could be provoked before.
      if (error instanceof CannotProvokeError) context.skip(`NOT TESTED: ${error.message}`);
      else throw error;
    }
  });
}
