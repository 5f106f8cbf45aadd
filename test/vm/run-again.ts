/**
 * Tests that failed in a guest are run once more, in a guest that has the machine for itself. Beside another guest a CPU may stand
 * still for longer than a kernel waits by itself (acknowledgements, windows, watchdogs), which no deadline of a test stretches.
 */
import type { GuestResult } from "./guest-line.ts";
import { VmError } from "./vm-error.ts";

/** For a guest that runs by itself: where it fails, or does not end, it is started once more, and the report says so. */
export async function runTwiceAtMost<Outcome>(
  run: () => Promise<Outcome>,
  remark: (message: string) => void,
): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    remark(`started once more, because at first: ${String(error)}`);
    return run();
  }
}

/** A machine that came up broken as often is not the emulator's fault. */
const MOST_BOOTS = 3;

/** `boot` resolves with why nothing could be tested in the guest, or with nothing; rejects with the last such sentence. */
export async function runUntilFit(
  boot: () => Promise<string | undefined>,
  remark: (message: string) => void,
): Promise<void> {
  for (let boots = 1; ; boots++) {
    const unfit = await boot();
    if (unfit === undefined) return;
    if (boots === MOST_BOOTS)
      throw new VmError("VM_FAILED", `the guest was not fit for a test in ${boots} boots: ${unfit}`);
    remark(`booted anew, because ${unfit}`);
  }
}

/** What is broken fails in more files than this, and need not fail twice. */
const MOST_FILES = 4;

/** Which files are to be run once more. */
export function chooseFiles(failed: readonly GuestResult[]): string[] {
  const files = [...new Set(failed.map(({ file }) => file))];
  return files.length <= MOST_FILES ? files : [];
}

export interface Verdict {
  /** A failure names what it failed by at first, too. */
  readonly result: GuestResult;
  /** For the report: that it failed at first. */
  readonly remark?: string;
}

function isSame(left: GuestResult, right: GuestResult): boolean {
  return left.file === right.file && left.name === right.name;
}

/** What is said of each test that failed, and of those that failed only the second time. */
export function judge(failed: readonly GuestResult[], again: readonly GuestResult[]): Verdict[] {
  const twice = failed.map((first): Verdict => {
    const second = again.find((result) => isSame(result, first));
    if (second === undefined) return { result: first };
    if (second.failure !== undefined)
      return { result: { ...second, failure: `${second.failure}\nand at first: ${first.failure}` } };
    const remark = `${first.file}: "${first.name}" failed beside another guest, and passed alone: ${first.failure}`;
    return { result: second, remark };
  });
  const onlyNow = again
    .filter((result) => result.failure !== undefined && !failed.some((first) => isSame(first, result)))
    .map((result) => ({ result }));
  return [...twice, ...onlyNow];
}
