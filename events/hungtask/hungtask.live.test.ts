/** Tasks hang for real, in a container, on a file system that was frozen; found by our scan, and by the kernel. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { makeMemoryCgroup } from "#test/provoke/cgroup.ts";
import type { TestCgroup } from "#test/provoke/cgroup.ts";
import { freezeFilesystem } from "./provoke-frozen-filesystem.ts";
import { freezeTask } from "./provoke.ts";
import { setHungTaskTimeout } from "./provoke-timeout.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const NEVER_MS = 86_400_000;
const LIMIT_BYTES = 64 * 1024 * 1024;
/** How much older the clock of a CPU may be than the moment: it is read at ticks. */
const TICK_NS = 1e9;

function settings(thresholdMs: number, foldMs: number): string {
  return `      hungtask: { threshold_ms: ${thresholdMs}, fold_ms: ${foldMs}, limit_per_second: 0 }`;
}

interface TestContainer extends AsyncDisposable {
  readonly id: string;
  readonly cgroup: TestCgroup;
}

function makeContainer(): TestContainer {
  const id = randomBytes(32).toString("hex");
  const cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/${id}`, LIMIT_BYTES);
  return { id, cgroup, [Symbol.asyncDispose]: () => cgroup[Symbol.asyncDispose]() };
}

function findHang(
  kerntel: RunningKerntel,
  { id }: TestContainer,
  what: string,
  matches: (attributes: StoredLine["attributes"]) => boolean,
): Promise<StoredLine> {
  return waitUntil(`the record of ${what}`, async () =>
    (await kerntel.look({ event: "kerntel.hungtask", container: id })).find(({ attributes }) =>
      matches(attributes),
    ),
  );
}

async function readTotal(kerntel: RunningKerntel, detector: string): Promise<number> {
  const totals = readMetric(await kerntel.metrics(), "kerntel_hungtask_tasks_total");
  return totals.get(`{kerntel_hungtask_detector="${detector}"}`) ?? 0;
}

async function readBlocked(kerntel: RunningKerntel): Promise<number | undefined> {
  return readMetric(await kerntel.metrics(), "kerntel_hungtask_blocked").get("");
}

function nanosecondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) * 1e6;
}

liveTest(
  "a task that was blocked before the threshold was lowered is found, with its place, age and container",
  async (context) => {
    const kerntel = await shareKerntel(settings(NEVER_MS, 0));
    const since = (await kerntel.reports()).get("hungtask")?.["since"];
    await using container = makeContainer();
    await using frozen = await freezeFilesystem(container.cgroup.directory);
    const pid = await frozen.hangTouching();
    const hungAt = new Date().toISOString();

    await shareKerntel(settings(1_000, 0));
    const line = await findHang(kerntel, container, "the task", (found) => found["process.pid"] === pid);
    assert.equal((await kerntel.reports()).get("hungtask")?.["since"], since);
    const { attributes } = line;
    assert.equal(line.severity, 17);
    assert.equal(line.resource["container.id"], container.id);
    assert.equal(attributes["error.type"], "hung_task");
    assert.equal(attributes["thread.id"], pid);
    assert.equal(attributes["thread.name"], "touch");
    assert.equal(attributes["kerntel.hungtask.detector"], "scan");
    assert.equal(attributes["kerntel.count"], 1);
    assert.equal(attributes["kerntel.cgroup.path"], container.cgroup.path);
    assert.equal(attributes["kerntel.hungtask.wait_channel"], "mnt_want_write");
    assert.match(String(attributes["code.stacktrace"]), /percpu_rwsem_wait\+[^]*mnt_want_write\+/);
    assert.equal(attributes["kerntel.hungtask.lock"], undefined);
    const blocked = Number(attributes["kerntel.duration"]) * 1e9;
    assert.ok(blocked >= 1e9 && blocked >= nanosecondsBetween(hungAt, line.time) - TICK_NS);
    const created = String(attributes["process.creation.time"]);
    assert.ok(blocked <= nanosecondsBetween(created, line.time) + 1e6, `${blocked} since ${created}`);
    assert.match(
      line.body,
      new RegExp(`^Task touch \\(${pid}\\) blocked for \\d+\\.\\d s in mnt_want_write$`),
    );
    assertDeclared([line]);
    assert.ok((await readTotal(kerntel, "scan")) >= 1);
    assert.ok(((await readBlocked(kerntel)) ?? 0) >= 1);
    await assertBooksClose(kerntel, "hungtask");
    noteKernel(context, "hungtask", "provoked", "a write to a frozen ext4, found by the scan");
  },
);

liveTest("who holds the mutex that others wait for is told where the kernel knows it", async (context) => {
  const kerntel = await shareKerntel(settings(1_000, 0));
  await using container = makeContainer();
  await using frozen = await freezeFilesystem(container.cgroup.directory);
  const holder = await frozen.hangWriting();
  const waiter = await frozen.hangWriting();
  const line = await findHang(kerntel, container, "the waiter", (found) => found["process.pid"] === waiter);
  const { "kerntel.hungtask.lock": lock, ...attributes } = line.attributes;
  assert.match(String(attributes["kerntel.hungtask.wait_channel"]), /fdget_pos/);
  if (lock === undefined) {
    // Before Linux 6.16; then nobody must be blamed.
    assert.equal(attributes["kerntel.holder.process.pid"], undefined);
    return;
  }
  assert.equal(lock, "mutex");
  assert.equal(attributes["kerntel.holder.process.pid"], holder);
  assert.equal(attributes["kerntel.holder.thread.id"], holder);
  assert.equal(attributes["kerntel.holder.thread.name"], "dd");
  assert.equal(attributes["kerntel.holder.cgroup.path"], container.cgroup.path);
  assert.match(line.body, new RegExp(`, waits for a mutex held by dd \\(${holder}\\)$`));
  assertDeclared([line]);
  noteKernel(context, "hungtask", "provoked", "a mutex held by a blocked task, with its holder");
});

liveTest("tasks that hang where another does are told in one record with their number", async (context) => {
  const kerntel = await shareKerntel(settings(1_000, NEVER_MS));
  await using container = makeContainer();
  await using frozen = await freezeFilesystem(container.cgroup.directory);
  const first = await frozen.hangTouching();
  await findHang(kerntel, container, "the first", (found) => found["process.pid"] === first);
  const before = await readTotal(kerntel, "scan");
  const others = [await frozen.hangTouching(), await frozen.hangTouching(), await frozen.hangTouching()];
  await waitUntil(
    "all to be counted",
    async () => (await readTotal(kerntel, "scan")) >= before + 3 || undefined,
  );
  const stored = await kerntel.stored({ event: "kerntel.hungtask", container: container.id });
  assert.equal(stored.length, 1);

  await shareKerntel(settings(1_000, 0));
  const { attributes, body } = await findHang(
    kerntel,
    container,
    "the others",
    (found) => found["process.pid"] !== first,
  );
  assert.equal(attributes["kerntel.count"], 3);
  assert.ok(others.includes(Number(attributes["process.pid"])));
  assert.match(body, /^3 more blocked in mnt_want_write like one before, the last touch \(\d+\)/);
  const books = await assertBooksClose(kerntel, "hungtask");
  assert.ok(Number(books["suppressed"]) >= 2);
  noteKernel(context, "hungtask", "provoked", "several tasks at one place, folded");
});

liveTest("a task that the freezer holds is not taken for hung", async () => {
  const kerntel = await shareKerntel(settings(1_000, 0));
  await using container = makeContainer();
  await using frozen = await freezeTask();
  await using filesystem = await freezeFilesystem(container.cgroup.directory);
  // What hangs after it is found: by then a scan has passed the one that is frozen.
  const pid = await filesystem.hangTouching();
  await findHang(kerntel, container, "the task", (found) => found["process.pid"] === pid);
  assert.match(readFileSync(`/proc/${frozen.pid}/status`, "utf8"), /^State:\tD/m);
  const stored = await kerntel.stored({ event: "kerntel.hungtask" });
  assert.deepEqual(
    stored.filter(({ attributes }) => attributes["process.pid"] === frozen.pid),
    [],
  );
});

liveTest("the kernel's own verdict is a record, once for each wait", async (context) => {
  const kerntel = await shareKerntel(settings(0, 0));
  await using container = makeContainer();
  await using frozen = await freezeFilesystem(container.cgroup.directory);
  const pid = await frozen.hangTouching();
  assert.equal(await readBlocked(kerntel), undefined);
  const filtered = Number((await kerntel.reports()).get("hungtask")?.["filtered"]);
  {
    await using timeout = await setHungTaskTimeout(1);
    void timeout;
    const { attributes } = await findHang(
      kerntel,
      container,
      "the verdict",
      (found) => found["process.pid"] === pid,
    );
    assert.equal(attributes["kerntel.hungtask.detector"], "kernel");
    assert.ok(Number(attributes["kerntel.duration"]) >= 1);
    // The kernel says it again at each of its checks.
    await waitUntil("a second verdict", async () => {
      const report = (await kerntel.reports()).get("hungtask");
      return Number(report?.["filtered"]) > filtered || undefined;
    });
  }
  const lines = await kerntel.stored({ event: "kerntel.hungtask", container: container.id });
  assert.equal(lines.length, 1);
  assert.ok((await readTotal(kerntel, "kernel")) >= 1);
  await assertBooksClose(kerntel, "hungtask");
  noteKernel(context, "hungtask", "provoked", "a write to a frozen ext4, found by the kernel");
});
