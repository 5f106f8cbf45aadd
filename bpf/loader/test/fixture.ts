/** Compiled test objects, and whether tests may load them. */
import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openObject } from "../source/index.ts";
import type { LoadedObject, OpenOptions } from "../source/index.ts";

export const packageFolder: string = fileURLToPath(new URL("..", import.meta.url));

/** Where there is no compiler, what was compiled elsewhere is taken as it is. */
let isCompiled = process.env["BPF_LOADER_FIXTURES"] === "compiled";

/** Path of `build/fixtures/<name>.bpf.o`, compiled from `fixtures/<name>.bpf.c` where that changed. */
export function fixture(name: string): string {
  if (!isCompiled) execFileSync("make", ["--silent", "-C", packageFolder, "fixtures"], { stdio: "inherit" });
  isCompiled = true;
  return fileURLToPath(new URL(`../build/fixtures/${name}.bpf.o`, import.meta.url));
}

/** For tests that load programs: they fail where that is impossible, unless that was announced. */
export const live: { skip?: string } =
  process.env["KERNTEL_TEST_LIVE"] === "off" ? { skip: "KERNTEL_TEST_LIVE=off: loads no BPF" } : {};

export function load(name: string, options?: OpenOptions): LoadedObject {
  return openObject(fixture(name), options).load();
}

/** Context of the producers in `ring.bpf.c`. */
export function request(first: number, count: number, discardEvery: number = 0): Uint8Array {
  const context = new Uint8Array(16);
  const view = new DataView(context.buffer);
  view.setBigUint64(0, BigInt(first), true);
  view.setUint32(8, count, true);
  view.setUint32(12, discardEvery, true);
  return context;
}

/** Resolves when the condition holds; rejects after ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Open file descriptors of this process that hold something of BPF. */
export function bpfDescriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /bpf|perf_event|btf/.test(target) ? [target] : [];
    } catch {
      return []; // the descriptor of the reading itself
    }
  });
}
