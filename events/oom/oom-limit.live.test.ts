/** Whose limit was met in a shortage, as far as this kernel lets it be known. */
import assert from "node:assert/strict";
import { makeMemoryParent } from "#test/provoke/cgroup.ts";
import { OOM_LIMIT_BYTES, provokeOom } from "./provoke.ts";
import { assertDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import type { StoredLine } from "#test/live/running-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const ROOMY_BYTES = 4 * OOM_LIMIT_BYTES;
/** Both kernels of virtual machines have kprobes, the host's has none. */
const SOURCE = isDisposable ? "kernel" : "derived";

const name = (what: string): string => `/kerntel-test-${process.pid}-${what}`;
/** So many levels of cgroups without a limit. */
const levels = (count: number): string => "/level".repeat(count);

async function findVictims(pids: readonly number[]): Promise<readonly StoredLine[]> {
  const kerntel = await shareKerntel("      oom: {}");
  return waitUntil(`records of ${pids.join(", ")}`, async () => {
    const lines = await kerntel.look({ event: "kerntel.oom" });
    const found = pids.flatMap(
      (pid) => lines.find(({ attributes }) => attributes["process.pid"] === pid) ?? [],
    );
    return found.length === pids.length ? found : undefined;
  });
}

liveTest(
  "the limit that was met is named, however far above the victim, and not one with room",
  async (context) => {
    await shareKerntel("      oom: {}");
    await using pod = makeMemoryParent(name("pod"), OOM_LIMIT_BYTES);
    // As deep as a container of docker in kind, and deeper.
    const { pid, cgroupPath } = await provokeOom((id) => `${pod.path}${levels(12)}/${id}`, ROOMY_BYTES);
    const [line] = await findVictims([pid]);
    assert.ok(line !== undefined);
    const { attributes, body } = line;
    assert.notEqual(cgroupPath, pod.path);
    assert.equal(attributes["kerntel.memory_cgroup.path"], pod.path);
    assert.equal(attributes["kerntel.memory_cgroup.limit"], OOM_LIMIT_BYTES);
    assert.ok(Number(attributes["kerntel.memory_cgroup.usage"]) > 0.9 * OOM_LIMIT_BYTES);
    assert.equal(attributes["kerntel.oom.constraint"], "memcg");
    assert.equal(attributes["kerntel.memory_cgroup.source"], SOURCE);
    assert.match(body, new RegExp(`, cgroup ${pod.path} at 1\\d\\.\\d MiB of 16\\.0 MiB$`));
    assertDeclared([line]);
    noteKernel(context, "oom", "provoked", "a limit far above the victim's cgroup, which has one with room");
  },
);

liveTest(
  "a hierarchy that is deeper than what is read says so where the kernel does not name the cgroup",
  async (context) => {
    if (isDisposable) {
      context.skip("NOT TESTED: this kernel has kprobes, and names the cgroup");
      return;
    }
    await shareKerntel("      oom: {}");
    const { pid, cgroupPath } = await provokeOom((id) => `${name("deep")}${levels(66)}/${id}`);
    const [line] = await findVictims([pid]);
    assert.equal(line?.attributes["kerntel.memory_cgroup.source"], "derived_partially");
    assert.equal(line.attributes["kerntel.memory_cgroup.limit"], OOM_LIMIT_BYTES);
    assert.ok(cgroupPath.length > 66);
  },
);
