/** One guest with its share of the tests: what it says goes on as it comes, and its results are given back. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { makeCacheDisk, takeCacheDisk } from "./compile-cache.ts";
import type { DebianKernel } from "./debian-kernel.ts";
import { keepDurations, sumDurations } from "./durations.ts";
import type { GuestLine, GuestResult } from "./guest-line.ts";
import { describeFailure, runGuest } from "./guest.ts";
import { cacheFolder } from "./prepare.ts";
import { runUntilFit } from "./run-again.ts";

/** Several times what it takes on two cores; a machine that is busy with something else must not fail here. */
const DEADLINE_MS = 15 * 60_000;
/** Node starts twenty times slower in an emulated machine. */
const SLOWNESS = 10;

export interface Share {
  readonly kernel: DebianKernel;
  /** First two numbers of the kernel's version. */
  readonly series: string;
  readonly rootDisk: string;
  /** Of this run. */
  readonly folder: string;
  /** Of this guest: its console is `console-<series>-<name>.txt` in the cache. */
  readonly name: string;
  readonly files: readonly string[];
  readonly signal: AbortSignal;
  readonly onResult: (result: GuestResult) => void;
  readonly onDiagnostic: (message: string) => void;
}

/** Rejects with the console's last lines where the guest did not come to its end. */
export async function runShare(share: Share): Promise<readonly GuestResult[]> {
  const { kernel, series, rootDisk, folder, name, files, signal, onResult, onDiagnostic } = share;
  const cacheDisk = join(folder, `cache-${name}`);
  makeCacheDisk(cacheDisk);
  const consolePath = join(cacheFolder, `console-${series}-${name}.txt`);
  const options = {
    kernel,
    rootDisk,
    cacheDisk,
    environment: {
      KERNTEL_VM_SERIES: series,
      KERNTEL_VM_TESTS: files.join(","),
      KERNTEL_TEST_SLOWNESS: String(SLOWNESS),
    },
    consolePath,
    deadlineMs: DEADLINE_MS,
    signal,
  };
  const results: GuestResult[] = [];
  let isComplete = false;
  await runUntilFit(async () => {
    let unfit: string | undefined;
    await runGuest(options, (text, machine) => {
      const line = JSON.parse(text) as GuestLine;
      if (line.type === "end") isComplete = true;
      else if (line.type === "unfit") unfit = line.message;
      else if (line.type === "pause") machine.pause(line.durationMs);
      else if (line.type === "diagnostic") onDiagnostic(line.message);
      else {
        results.push(line);
        onResult(line);
      }
    });
    // Of the next boot is the console from its beginning.
    if (unfit !== undefined)
      copyFileSync(consolePath, join(cacheFolder, `console-${series}-${name}-unfit.txt`));
    return unfit;
  }, onDiagnostic);
  if (signal.aborted) return results;
  if (!isComplete)
    throw describeFailure(`the guest ended before its tests did, after ${results.length} of them`, options);
  assert.ok(results.length > 0, "no test was run");
  takeCacheDisk(cacheDisk, cacheFolder);
  keepDurations(cacheFolder, sumDurations(results));
  return results;
}
