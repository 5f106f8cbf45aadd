/** The live tests on one of Debian's kernels: each is a test here, passed, failed or skipped as it was in the guest. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { buildModules } from "./build-modules.ts";
import { fetchKernel } from "./debian-kernel.ts";
import type { DebianKernel } from "./debian-kernel.ts";
import { makeImage } from "./disk-image.ts";
import { usualDurations } from "./durations.ts";
import type { GuestResult } from "./guest-line.ts";
import { findGuestTests } from "./guest-tests.ts";
import { stageGuest } from "./guest-tree.ts";
import { cacheFolder, prepare } from "./prepare.ts";
import { chooseFiles, judge } from "./run-again.ts";
import { makeRunFolder } from "./run-folder.ts";
import { runShare } from "./run-share.ts";
import { findProgram } from "./run-tool.ts";
import { splitTests } from "./split-tests.ts";

const tools = ["qemu-system-x86_64", "setpriv", "mkfs.ext4", "depmod", "gcc", "make"];

/** Guests of one kernel at the same time; each keeps little more than one core busy. */
const GUESTS = 2;

/** For all tests of one kernel, from boot; a machine that is slower fails nothing. */
const MEANT_MS = 4 * 60_000;

/** `series`: the first two numbers of the version, as in Debian's package names. */
export function testKernel(series: string): void {
  test(`Linux ${series} in a virtual machine`, async (context) => {
    const kernel = await prepare(context, () => {
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
    const rootDisk = await prepare(context, () => makeRootDisk(folder, kernel));
    if (rootDisk === undefined) return;
    const wanted = findGuestTests(process.env["KERNTEL_VM_ONLY"]);
    assert.ok(wanted.length > 0, "no live test has that in the name of its file");
    const reported: Promise<void>[] = [];
    const failed: GuestResult[] = [];
    const onDiagnostic = (message: string): void => {
      context.diagnostic(message);
    };
    const common = { kernel, series, rootDisk, folder, signal: stop.signal, onDiagnostic };
    const onResult = (result: GuestResult): void => {
      if (result.failure === undefined) reported.push(report(context, result));
      else failed.push(result);
    };
    const shares = splitTests(wanted, GUESTS, usualDurations);
    const startMs = performance.now();
    await Promise.all(
      shares.map((files, index) => runShare({ ...common, name: String(index + 1), files, onResult })),
    );
    onDiagnostic(describeTime(performance.now() - startMs));
    const files = chooseFiles(failed);
    const again =
      files.length === 0 ? [] : await runShare({ ...common, name: "again", files, onResult: () => {} });
    for (const { result, remark } of judge(failed, again)) {
      if (remark !== undefined) context.diagnostic(remark);
      reported.push(report(context, result));
    }
    await Promise.all(reported);
  } finally {
    stop.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeTime(spentMs: number): string {
  const ratio = (spentMs / MEANT_MS).toFixed(2);
  return `boots and tests took ${(spentMs / 1_000).toFixed(0)} s, ${ratio} of what they are meant to take on two cores`;
}

async function makeRootDisk(folder: string, kernel: DebianKernel): Promise<string> {
  const path = join(folder, "root.ext4");
  await stageGuest(join(folder, "root"), kernel.modulesFolder);
  buildModules(kernel, join(folder, "modules"), join(folder, "root/kerntel/test/provoke/modules"));
  makeImage(join(folder, "root"), path);
  return path;
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
