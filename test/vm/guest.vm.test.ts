/** Guests that come to nothing: each ends with a reason, with its console's last lines, and without a process. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fetchKernel } from "./debian-kernel.ts";
import { makeImage } from "./disk-image.ts";
import { runGuest } from "./guest.ts";
import { cacheFolder, prepare } from "./prepare.ts";
import { findProgram } from "./run-tool.ts";
import { makeRunFolder } from "./run-folder.ts";

/** Time to boot on a busy machine; a guest that hangs is given as much. */
const DEADLINE_MS = 20_000;

interface Ending {
  readonly lines: readonly string[];
  readonly failure: string;
  readonly console: string;
}

async function runScript(folder: string, script: string, deadlineMs: number): Promise<Ending> {
  const kernel = fetchKernel("6.12", cacheFolder);
  const tree = join(folder, "tree");
  for (const name of ["bin", "dev", "proc"]) mkdirSync(join(tree, name), { recursive: true });
  cpSync(findProgram("busybox"), join(tree, "bin/busybox"));
  const mounts = "/bin/busybox mount -t proc proc /proc\n/bin/busybox mount -t devtmpfs dev /dev";
  writeFileSync(join(tree, "init"), `#!/bin/busybox sh\n${mounts}\n${script}\n`, { mode: 0o755 });
  const rootDisk = join(folder, "root.ext4");
  makeImage(tree, rootDisk);
  const lines: string[] = [];
  const consolePath = join(folder, "console.txt");
  const options = {
    kernel,
    rootDisk,
    environment: { WORD: "hello" },
    consolePath,
    deadlineMs,
    signal: AbortSignal.timeout(20 * DEADLINE_MS),
  };
  const failure = await runGuest(options, (line) => lines.push(line)).then(
    () => "",
    (error: unknown) => String(error),
  );
  assert.deepEqual(findProcesses(rootDisk), [], "QEMU is gone");
  return { lines, failure, console: readFileSync(consolePath, "utf8") };
}

function findProcesses(word: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(word);
    } catch {
      return false;
    }
  });
}

const cases = [
  {
    title: "that powers off has said its lines",
    script: 'echo "$WORD there" >/dev/ttyS1\n/bin/busybox poweroff -f',
    lines: ["hello there"],
    failure: /^$/,
  },
  {
    title: "whose kernel panics is reported with the panic",
    script: "echo last words >/dev/ttyS0\necho c >/proc/sysrq-trigger",
    lines: [],
    failure: /cloud-amd64 panicked.*Kernel panic - not syncing: sysrq triggered crash[^]*last words/,
  },
  {
    title: "that hangs is ended at its deadline, and its kernel says where each task and timer stands",
    script: "echo hanging >/dev/ttyS0\n/bin/busybox sleep 100000",
    lines: [],
    failure: /was ended after 20 s[^]*hanging\s*$/,
    console: /hanging[^]*task:busybox +state:S[^]*hrtimer_nanosleep[^]*Tick Device: mode/,
    deadlineMs: DEADLINE_MS,
  },
];

for (const { title, script, lines, failure, console = /^/, deadlineMs = 10 * DEADLINE_MS } of cases) {
  test(`a guest ${title}`, async (context) => {
    const folder = await prepare(context, () => {
      for (const name of ["qemu-system-x86_64", "busybox", "mkfs.ext4"]) findProgram(name);
      fetchKernel("6.12", cacheFolder);
      return makeRunFolder(cacheFolder);
    });
    if (folder === undefined) return;
    context.after(() => rmSync(folder, { recursive: true }));
    const ended = await runScript(folder, script, deadlineMs);
    assert.match(ended.failure, failure);
    assert.match(ended.console, console);
    assert.deepEqual(ended.lines, lines);
  });
}
