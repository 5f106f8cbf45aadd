/**
 * One program for all tests of a process: each says which events it needs, and SIGHUP brings them. A start takes ten
 * seconds in an emulated machine, a reload none.
 */
import { after } from "node:test";
import { namesOf } from "./chosen-events.ts";
import { RunningKerntel } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

let shared: Promise<RunningKerntel> | undefined;

/**
 * The shared program, with only those events watching that `wanted` names, with its settings: YAML, as in
 * `RunOptions.events`. It has seen what earlier tests did, so a test looks for its own records.
 */
export async function shareKerntel(wanted: string): Promise<RunningKerntel> {
  const names = namesOf(wanted);
  shared ??= RunningKerntel.start({ events: wanted }).catch((error: unknown) => {
    // The next test tries anew: one start that failed is one failure.
    shared = undefined;
    throw error;
  });
  const kerntel = await shared;
  if (!kerntel.watches(wanted)) await kerntel.reload(wanted);
  await waitUntil(`${names.join(", ")} to settle`, async () => {
    const reports = await kerntel.reports();
    return names.every((name) => /running|unsupported/.test(reports.get(name)?.state ?? "")) || undefined;
  });
  return kerntel;
}

after(async () => {
  const kerntel = await shared;
  shared = undefined;
  await kerntel?.[Symbol.asyncDispose]();
});
