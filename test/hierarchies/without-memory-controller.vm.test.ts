/**
 * A kernel that was started without the memory controller has its tasks' cgroups on other hierarchies of version 1. The
 * machines of other tests have the memory controller, on version 1 or 2.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fetchKernel } from "../vm/debian-kernel.ts";
import { makeImage } from "../vm/disk-image.ts";
import type { GuestLine, GuestResult } from "../vm/guest-line.ts";
import { stageGuest } from "../vm/guest-tree.ts";
import { runGuest } from "../vm/guest.ts";
import type { GuestOptions } from "../vm/qemu-parameters.ts";
import { cacheFolder, prepare } from "../vm/prepare.ts";
import { runTwiceAtMost } from "../vm/run-again.ts";
import { makeRunFolder } from "../vm/run-folder.ts";
import { findProgram } from "../vm/run-tool.ts";

const SERIES = "6.12";
/** Longer than a test in it waits for anything, so that the test says what it waited for. */
const DEADLINE_MS = 8 * 60_000;
const tools = ["qemu-system-x86_64", "setpriv", "mkfs.ext4", "depmod", "gcc"];

test("without the memory controller", async (context) => {
  const kernel = await prepare(context, () => {
    for (const name of tools) findProgram(name);
    return fetchKernel(SERIES, cacheFolder);
  });
  if (kernel === undefined) return;
  const folder = makeRunFolder(cacheFolder);
  try {
    const rootDisk = join(folder, "root.ext4");
    await stageGuest(join(folder, "root"), kernel.modulesFolder);
    makeImage(join(folder, "root"), rootDisk);
    const guest = { kernel, rootDisk, signal: context.signal };
    const results = await runTwiceAtMost(
      () => collectResults(guest),
      (message) => {
        context.diagnostic(message);
      },
    );
    for (const { name } of results) await context.test(name, () => {});
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Rejects where the guest does not end, or a test fails in it. */
async function collectResults(
  guest: Pick<GuestOptions, "kernel" | "rootDisk" | "signal">,
): Promise<readonly GuestResult[]> {
  const results: GuestResult[] = [];
  const environment = {
    // What is a variable for the first process is a parameter for the kernel.
    cgroup_disable: "memory",
    KERNTEL_VM_SERIES: SERIES,
    KERNTEL_VM_TESTS: "test/hierarchies/without-memory-controller.guest.ts",
    KERNTEL_TEST_SLOWNESS: "10",
  };
  const consolePath = join(cacheFolder, "console-without-memory.txt");
  await runGuest({ ...guest, environment, consolePath, deadlineMs: DEADLINE_MS }, (text) => {
    const line = JSON.parse(text) as GuestLine;
    if (line.type === "result") results.push(line);
  });
  assert.equal(results.length, 2, "tests that were run");
  for (const { failure } of results) assert.equal(failure, undefined);
  return results;
}
