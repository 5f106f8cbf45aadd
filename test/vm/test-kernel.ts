/** The live tests on one of Debian's kernels: each is a test here, passed, failed or skipped as it was in the guest. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { buildModules } from "./build-modules.ts";
import { makeCacheDisk, takeCacheDisk } from "./compile-cache.ts";
import { fetchKernel } from "./debian-kernel.ts";
import type { DebianKernel } from "./debian-kernel.ts";
import { makeImage } from "./disk-image.ts";
import { keepDurations, readDurations, sumDurations } from "./durations.ts";
import type { GuestLine, GuestResult } from "./guest-line.ts";
import { findGuestTests, stageGuest } from "./guest-tree.ts";
import { describeFailure, runGuest } from "./guest.ts";
import type { GuestOptions } from "./guest.ts";
import { cacheFolder, prepare } from "./prepare.ts";
import { makeRunFolder } from "./run-folder.ts";
import { findProgram } from "./run-tool.ts";
import { splitTests } from "./split-tests.ts";

const tools = ["qemu-system-x86_64", "setpriv", "mkfs.ext4", "depmod", "gcc", "make"];

/** Guests of one kernel at the same time; each keeps little more than one core busy. */
const GUESTS = 2;
/** Several times what it takes on two cores; a machine that is busy with something else must not fail here. */
const DEADLINE_MS = 15 * 60_000;
/** Node starts twenty times slower in an emulated machine. */
const SLOWNESS = 10;

/** `series`: the first two numbers of the version, as in Debian's package names. */
export function testKernel(series: string): void {
  test(`Linux ${series} in a virtual machine`, async (context) => {
    const kernel = prepare(context, () => {
      for (const name of tools) findProgram(name);
      return fetchKernel(series, cacheFolder);
    });
    if (kernel !== undefined) await runTests(context, kernel, series);
  });
}

async function runTests(context: TestContext, kernel: DebianKernel, series: string): Promise<void> {
  context.diagnostic(`Debian package ${kernel.version}, ${kernel.release}`);
  const folder = makeRunFolder(cacheFolder);
  const stop = new AbortController();
  try {
    const rootDisk = prepare(context, () => makeRootDisk(folder, kernel));
    if (rootDisk === undefined) return;
    const wanted = findGuestTests(process.env["KERNTEL_VM_ONLY"]);
    assert.ok(wanted.length > 0, "no live test has that in the name of its file");
    const guests = splitTests(wanted, GUESTS, readDurations(cacheFolder)).map((files, index) => {
      const name = `${series}-${index + 1}`;
      const cacheDisk = join(folder, `cache-${name}`);
      makeCacheDisk(cacheDisk);
      const environment = {
        KERNTEL_VM_SERIES: series,
        KERNTEL_VM_TESTS: files.join(","),
        KERNTEL_TEST_SLOWNESS: String(SLOWNESS),
      };
      const options = {
        kernel,
        rootDisk,
        cacheDisk,
        environment,
        consolePath: join(cacheFolder, `console-${name}.txt`),
        deadlineMs: DEADLINE_MS,
        signal: stop.signal,
      };
      return runShare(context, options).then(() => takeCacheDisk(cacheDisk, cacheFolder));
    });
    await Promise.all(guests);
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeRootDisk(folder: string, kernel: DebianKernel): string {
  const path = join(folder, "root.ext4");
  stageGuest(join(folder, "root"), kernel.modulesFolder);
  buildModules(kernel, join(folder, "modules"), join(folder, "root/kerntel/test/provoke/modules"));
  makeImage(join(folder, "root"), path);
  return path;
}

async function runShare(context: TestContext, options: GuestOptions): Promise<void> {
  const reported: Promise<void>[] = [];
  const results: GuestResult[] = [];
  let isComplete = false;
  await runGuest(options, (text) => {
    const line = JSON.parse(text) as GuestLine;
    if (line.type === "end") isComplete = true;
    else if (line.type === "diagnostic") context.diagnostic(line.message);
    else {
      results.push(line);
      reported.push(report(context, line));
    }
  });
  await Promise.all(reported);
  if (options.signal.aborted) return;
  if (!isComplete)
    throw describeFailure(`the guest ended before its tests did, after ${results.length} of them`, options);
  assert.ok(results.length > 0, "no test was run");
  keepDurations(cacheFolder, sumDurations(results));
}

function report(context: TestContext, result: GuestResult): Promise<void> {
  const { name, file, durationMs, skip, failure } = result;
  const title = `${basename(file).split(".", 1)[0]}: ${name} (${(durationMs / 1_000).toFixed(1)} s)`;
  return context.test(title, { ...(skip !== undefined && { skip }) }, () => {
    if (failure !== undefined) throw new GuestTestError(failure);
  });
}

/** What was thrown in the guest, as it was shown there; our own stack would say nothing. */
class GuestTestError extends Error {
  override readonly stack: string;

  constructor(shown: string) {
    super(shown);
    this.stack = shown;
  }
}
