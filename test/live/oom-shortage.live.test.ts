/** What all victims of one shortage have in common: whose limit was met, what it was confined to, and who asked. */
import assert from "node:assert/strict";
import { createOom } from "#events/oom/event.ts";
import { makeMemoryParent } from "../provoke/cgroup.ts";
import { OOM_LIMIT_BYTES, provokeOom } from "../provoke/oom.ts";
import { provokeGroupOom, provokeMachineGroupOom } from "../provoke/victim-group.ts";
import type { KilledGroup } from "../provoke/victim-group.ts";
import { assertDeclared } from "./assertions.ts";
import { isDisposable, noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { watchAlone } from "./lone-event.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const ROOMY_BYTES = 4 * OOM_LIMIT_BYTES;
const IDLERS = 3;
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

function assertGroup(
  lines: readonly { readonly attributes: StoredLine["attributes"] }[],
  expected: object,
): void {
  for (const { attributes } of lines) {
    const facts = [...Object.keys(expected), "kerntel.memory_cgroup.usage", "kerntel.trigger.process.pid"];
    const found = Object.fromEntries(facts.map((fact) => [fact, attributes[fact]]));
    const first = Object.fromEntries(facts.map((fact) => [fact, lines[0]?.attributes[fact]]));
    assert.deepEqual(found, { ...first, ...expected });
  }
}

/** The kernel counts whom it chose twice, unless the process was gone already when its turn in the group came. */
function assertCounts({ pids, kernelCount }: KilledGroup): void {
  assert.ok(
    [pids.length, pids.length + 1].includes(kernelCount),
    `oom_kill says ${kernelCount} of ${pids.length}`,
  );
}

const atPod = {
  "kerntel.oom.constraint": "memcg",
  "kerntel.memory_cgroup.limit": OOM_LIMIT_BYTES,
};

liveTest(
  "all victims of a group that dies at a limit report the same limit, usage and trigger",
  async (context) => {
    await shareKerntel("      oom: {}");
    await using pod = makeMemoryParent(name("group"), OOM_LIMIT_BYTES);
    const killed = await provokeGroupOom(`${pod.path}/members`, IDLERS);
    const lines = await findVictims(killed.pids);
    const expected = {
      ...atPod,
      "kerntel.memory_cgroup.path": pod.path,
      "kerntel.memory_cgroup.source": "kernel",
    };
    assertGroup(lines, expected);
    assert.ok(Number(lines[0]?.attributes["kerntel.memory_cgroup.usage"]) > 0.9 * OOM_LIMIT_BYTES);
    context.diagnostic(`oom_kill counted ${killed.kernelCount}, processes were ${killed.pids.length}`);
    assertCounts(killed);
    noteKernel(context, "oom", "provoked", "a group that is killed together (memory.oom.group)");
  },
);

liveTest("without kprobes too, all victims of a group report the limit that the first one met", async () => {
  await using pod = makeMemoryParent(name("derived"), OOM_LIMIT_BYTES);
  await using watch = await watchAlone(createOom(), {
    config: {},
    changeLoading: (options) => ({ ...options, optionalPrograms: [] }),
  });
  assert.equal(watch.hook(), "tp_btf/mark_victim");
  const { pids } = await provokeGroupOom(`${pod.path}/members`, IDLERS);
  const lines = await waitUntil("records of the group", () => {
    const found = watch.records.filter(({ attributes }) => pids.includes(Number(attributes["process.pid"])));
    return found.length === pids.length ? found : undefined;
  });
  assertGroup(lines, {
    ...atPod,
    "kerntel.memory_cgroup.path": pod.path,
    "kerntel.memory_cgroup.source": "derived",
  });
});

liveTest(
  "a shortage of the machine is one for every victim of a group, and no cgroup's limit",
  async (context) => {
    if (!isDisposable) {
      context.skip("NOT TESTED: only a virtual machine may kill any process");
      return;
    }
    await shareKerntel("      oom: {}");
    const killed = await provokeMachineGroupOom(name("machine"), IDLERS);
    const lines = await findVictims(killed.pids);
    assertGroup(lines, {
      "kerntel.oom.constraint": "none",
      "kerntel.memory_cgroup.path": undefined,
      "kerntel.memory_cgroup.source": undefined,
      "kerntel.oom.action": "kill",
    });
    context.diagnostic(`oom_kill counted ${killed.kernelCount}, processes were ${killed.pids.length}`);
    assertCounts(killed);
    noteKernel(context, "oom", "provoked", "a group that dies of a shortage of the whole machine");
  },
);
