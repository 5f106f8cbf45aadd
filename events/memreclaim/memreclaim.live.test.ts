/** Tasks wait for memory for real: at the limit of a container's cgroup, and for the whole machine. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";
import { makeMemoryCgroup } from "#test/provoke/cgroup.ts";
import type { TestCgroup } from "#test/provoke/cgroup.ts";
import { provokeDirectReclaim, provokeMemcgReclaim } from "./provoke.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 2 * LIMIT_BYTES;
const NEVER_MS = 86_400_000;

function settings(thresholdMs: number): string {
  return `      memreclaim: { threshold_ms: ${thresholdMs}, limit_per_second: 0 }`;
}

function makeContainer(): { readonly id: string; readonly cgroup: TestCgroup } {
  const id = randomBytes(32).toString("hex");
  return { id, cgroup: makeMemoryCgroup(`/kerntel-test-${process.pid}/${id}`, LIMIT_BYTES) };
}

async function countWaits(kerntel: RunningKerntel, kind: string, containerId: string): Promise<number> {
  const counts = readMetric(await kerntel.metrics(), "kerntel_memreclaim_duration_seconds_count");
  return counts.get(`{kerntel_memreclaim_kind="${kind}",container_id="${containerId}"}`) ?? 0;
}

async function findWaits(kerntel: RunningKerntel, pid: number, kind: string): Promise<StoredLine[]> {
  const stored = await kerntel.stored({ event: "kerntel.memreclaim", limit: "10000" });
  return stored.filter(
    ({ attributes }) => attributes["process.pid"] === pid && attributes["kerntel.memreclaim.kind"] === kind,
  );
}

liveTest(
  "each wait at a cgroup's limit is a record under its container, and each is in the histogram",
  async (context) => {
    const kerntel = await shareKerntel(settings(0));
    const { id, cgroup } = makeContainer();
    await using removed = cgroup;
    void removed;
    const pid = await provokeMemcgReclaim(cgroup, READ_BYTES);
    const count = await countWaits(kerntel, "memcg", id);
    assert.ok(count > 0);
    const lines = await waitUntil("all waits in the local log", async () => {
      const found = await findWaits(kerntel, pid, "memcg");
      return found.length >= count ? found : undefined;
    });
    assert.equal(lines.length, count);
    for (const line of lines) assertWait(line, pid, id, cgroup);
    const freed = lines.map(({ attributes }) => Number(attributes["kerntel.memreclaim.reclaimed"]));
    assert.ok(freed.some((pages) => pages > 0));
    assertDeclared(lines);
    const books = await assertBooksClose(kerntel, "memreclaim");
    assert.equal(books["suppressed"], 0);
    noteKernel(context, "memreclaim", "provoked", "a read beyond the limit of a memory cgroup");
  },
);

function assertWait(
  { attributes, resource, severity, body }: StoredLine,
  pid: number,
  id: string,
  cgroup: TestCgroup,
): void {
  assert.equal(severity, 13);
  assert.equal(resource["container.id"], id);
  assert.equal(attributes["thread.id"], pid);
  assert.equal(attributes["thread.name"], "dd");
  assert.equal(attributes["kerntel.cgroup.path"], cgroup.path);
  assert.ok(Number(attributes["kerntel.duration"]) > 0);
  assert.ok(Number(attributes["kerntel.memreclaim.order"]) >= 0);
  assert.match(String(attributes["kerntel.memreclaim.gfp.flags"]), /^(?:GFP_|__GFP_)/);
  assert.match(String(attributes["kerntel.memreclaim.gfp.mask"]), /^0x[0-9a-f]+$/);
  assert.equal(attributes["kerntel.memreclaim.compaction.result"], undefined);
  assert.equal(attributes["kerntel.memory_cgroup.path"], cgroup.path);
  assert.equal(attributes["kerntel.memory_cgroup.limit"], LIMIT_BYTES);
  const usage = Number(attributes["kerntel.memory_cgroup.usage"]);
  assert.ok(usage > LIMIT_BYTES / 2 && usage <= LIMIT_BYTES);
  assert.match(String(attributes["code.stacktrace"]), /^try_to_free_mem_cgroup_pages\+/m);
  assert.match(
    body,
    new RegExp(
      `^dd \\(${pid}\\) waited \\d+\\.\\d ms for memory of order \\d at a cgroup's limit, freed \\d+ pages$`,
    ),
  );
}

liveTest("below the threshold a wait is only counted, and the threshold changes without a gap", async () => {
  const kerntel = await shareKerntel(settings(0));
  const { id, cgroup } = makeContainer();
  await using removed = cgroup;
  void removed;
  const before = (await kerntel.reports()).get("memreclaim");
  await shareKerntel(settings(NEVER_MS));
  const pid = await provokeMemcgReclaim(cgroup, READ_BYTES);
  const count = await countWaits(kerntel, "memcg", id);
  assert.ok(count > 0);
  await shareKerntel(settings(0));
  const second = await provokeMemcgReclaim(cgroup, READ_BYTES);
  await waitUntil("waits in the local log", async () => {
    const found = await findWaits(kerntel, second, "memcg");
    return found.length > 0 || undefined;
  });
  assert.ok((await countWaits(kerntel, "memcg", id)) > count);
  assert.deepEqual(await findWaits(kerntel, pid, "memcg"), []);
  const after = await assertBooksClose(kerntel, "memreclaim");
  assert.equal(after["since"], before?.["since"]);
});

liveTest("a process in no container is reported too, as the host's", async () => {
  const kerntel = await shareKerntel(settings(0));
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}-plain`, LIMIT_BYTES);
  const pid = await provokeMemcgReclaim(cgroup, READ_BYTES);
  const [line] = await waitUntil("the waits in the local log", async () => {
    const found = await findWaits(kerntel, pid, "memcg");
    return found.length > 0 ? found : undefined;
  });
  assert.equal(line?.resource["container.id"], undefined);
  assert.equal(line?.attributes["kerntel.cgroup.path"], cgroup.path);
  const counts = readMetric(await kerntel.metrics(), "kerntel_memreclaim_duration_seconds_count");
  assert.ok((counts.get('{kerntel_memreclaim_kind="memcg"}') ?? 0) > 0);
});

/** `prepare` is called before anything is counted. */
function loadKernelHalf(prepare: (object: LoadedObject) => void = () => {}): LoadedObject {
  const programs = ["memcg_begin", "memcg_end", "cgroup_removed"];
  const url = new URL("./memreclaim.bpf.o", import.meta.url);
  const object = openObject(url, { programs }).load();
  prepare(object);
  for (const program of programs) object.attach(program);
  return object;
}

liveTest("the kernel half notes which cgroups are gone, so that their series can end", async () => {
  using object = loadKernelHalf();
  const find = (name: string): { readonly removed_ns: bigint } | undefined =>
    (object.map("cgroups").values().toArray() as { path: string; removed_ns: bigint }[]).find(({ path }) =>
      path.startsWith(`${name}/`),
    );
  const { id, cgroup } = makeContainer();
  try {
    await provokeMemcgReclaim(cgroup, READ_BYTES);
    assert.equal(find(id)?.removed_ns, 0n);
  } finally {
    await cgroup[Symbol.asyncDispose]();
  }
  assert.ok((find(id)?.removed_ns ?? 0n) > 0n);
});

liveTest("what finds no room among the cgroups is counted all the same", async () => {
  using object = loadKernelHalf((loaded) => {
    const cgroups = loaded.map("cgroups");
    for (let id = 1n; id <= BigInt(cgroups.capacity); id++)
      cgroups.update(2n ** 64n - id, { hierarchy: 0n, removed_ns: 0n, path: "" });
  });
  const { cgroup } = makeContainer();
  try {
    await provokeMemcgReclaim(cgroup, READ_BYTES);
  } finally {
    await cgroup[Symbol.asyncDispose]();
  }
  const perCpu = object.map("other_durations").lookup(1) as { readonly buckets: readonly bigint[] }[];
  assert.ok(perCpu.flatMap(({ buckets }) => buckets).some((count) => count > 0n));
});

/** The same shortage again and again: of what a machine has free depends which of the two a kernel tries. */
async function provokeBothKinds(kerntel: RunningKerntel): Promise<ReadonlyMap<string, StoredLine>> {
  const told = new Map<string, StoredLine>();
  return waitUntil("waits of both kinds for huge pages", async () => {
    const pid = await provokeDirectReclaim();
    await assertBooksClose(kerntel, "memreclaim");
    for (const kind of ["direct", "compaction"]) {
      const line = (await findWaits(kerntel, pid, kind)).find(
        ({ attributes }) => attributes["kerntel.memreclaim.order"] === 9,
      );
      if (line !== undefined) told.set(kind, line);
    }
    return told.size === 2 ? told : undefined;
  });
}

liveTest(
  "a shortage of the whole machine, and of pages in a row, is told with what was asked for",
  async (context) => {
    if (!isDisposable) {
      context.skip("NOT TESTED: only a virtual machine may be brought to the end of its memory");
      return;
    }
    const kerntel = await shareKerntel(settings(0));
    for (const [kind, line] of await provokeBothKinds(kerntel)) {
      const { attributes } = line;
      assert.match(String(attributes["kerntel.memreclaim.gfp.flags"]), /__GFP_COMP/);
      assert.equal(attributes["thread.name"], "sh");
      assert.equal(attributes["kerntel.memory_cgroup.limit"], undefined);
      if (kind === "compaction")
        assert.match(String(attributes["kerntel.memreclaim.compaction.result"]), /^[a-z_]+$/);
      assertDeclared([line]);
    }
    await assertBooksClose(kerntel, "memreclaim");
    noteKernel(context, "memreclaim", "provoked", "more huge pages than are free");
  },
);
