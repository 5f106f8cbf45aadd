/** What somebody makes in great numbers is not looked up in great numbers, and holds nothing else up. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { clock, fakeSource, setUp, settle, tell } from "./fixtures/fake-sources.ts";
import { containerSources } from "./sources/index.ts";
import type { Told, Wanted } from "./sources/source.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const user = 10n;
const idOf = (index: number): string => index.toString(16).padStart(64, "0");
const container = `/docker/${"f".repeat(64)}`;

function keepAlive(context: TestContext): void {
  const timer = setInterval(() => {}, 1_000);
  context.after(() => {
    clearInterval(timer);
  });
}

/** A source that notes what it is asked, and answers when it is let. */
function recordingSource(intervalMs = 0): {
  readonly queries: (readonly Wanted[])[];
  readonly source: ReturnType<typeof fakeSource>;
  answer: Promise<void>;
} {
  const queries: (readonly Wanted[])[] = [];
  const recording = {
    queries,
    answer: Promise.resolve(),
    source: fakeSource({
      intervalMs,
      timeoutMs: 1_000,
      find: async (wanted, signal): Promise<readonly Told[]> => {
        queries.push(wanted);
        await recording.answer;
        return tell({ "container.name": "web" })(wanted, signal);
      },
    }),
  };
  return recording;
}

test("a cgroup that is gone before its turn is not looked up, but is once a record is about it", async () => {
  clock.nowMs = 0;
  const { queries, source } = recordingSource();
  const { directory, inquiry } = setUp([source]);
  directory.add(rootMade(0, 1n, container));
  const cgroup = directory.find(1n, "");
  directory.remove(0, 1n);
  await settle([cgroup]);
  assert.deepEqual([queries.length, inquiry.skipped], [0, { gone: 1, rate: 0, queue: 0 }]);
  assert.ok(cgroup);
  inquiry.remind(cgroup);
  assert.equal(cgroup.isPending, true);
  await settle([cgroup]);
  assert.equal(cgroup.resolved.attributes["container.name"], "web");
});

test("of what a user makes nothing is looked up, and no record waits for it", async () => {
  clock.nowMs = 0;
  const { queries, source } = recordingSource();
  const { directory } = setUp([source]);
  for (let index = 0; index < 10_000; index++)
    directory.add(rootMade(0, BigInt(100 + index), `/user/docker-${idOf(index)}.scope`, user));
  directory.add(rootMade(0, 1n, container));
  const cgroup = directory.find(1n, "");
  assert.equal(directory.find(10_000n, "")?.isPending, false);
  await settle([cgroup]);
  assert.deepEqual(
    queries.flat().map(({ path }) => path),
    [container],
  );
});

test("a source that never answers has a bounded queue, and what has no room is counted and not waited for", async (context) => {
  keepAlive(context);
  clock.nowMs = 0;
  const recording = recordingSource();
  recording.answer = Promise.withResolvers<void>().promise;
  const { directory, inquiry } = setUp([recording.source]);
  directory.add(rootMade(0, 1n, container));
  while (recording.queries.length === 0) await nextTurn();
  for (let index = 0; index < 5_000; index++)
    directory.add(rootMade(0, BigInt(100 + index), `/parent-${index % 20}/${idOf(index)}`));
  const pending = [...directory.all()].filter(({ isPending }) => isPending);
  assert.equal(pending.length, 1_024 + 1);
  assert.equal(inquiry.skipped.queue, 5_000 - 1_024);
  assert.equal(recording.queries.flat().length, 1);
});

test("what is wanted within the interval of a source is one query", async (context) => {
  keepAlive(context);
  clock.nowMs = 0;
  const recording = recordingSource(40);
  const { directory } = setUp([recording.source]);
  directory.add(rootMade(0, 1n, container));
  await settle([directory.find(1n, "")]);
  const cgroups = Array.from({ length: 30 }, (_, index) => {
    directory.add(rootMade(0, BigInt(100 + index), `/docker/${idOf(index)}`));
    return directory.find(BigInt(100 + index), "");
  });
  await settle(cgroups.slice(0, 1));
  await settle(cgroups);
  assert.deepEqual(
    recording.queries.map((query) => query.length),
    [1, 30],
  );
});

for (const { name, intervalMs } of containerSources)
  test(`${name} is queried at most ten times a second after four queries at once, however many containers start`, async () => {
    assert.ok(intervalMs >= 100);
    const { queries, source } = recordingSource(intervalMs);
    const startMs = performance.now();
    const { directory } = setUp([source], [], () => performance.now());
    let started = 0;
    while (performance.now() - startMs < 600) {
      directory.add(rootMade(0, BigInt(100 + started), `/parent-${started % 20}/${idOf(started)}`));
      started++;
      await sleep(5);
    }
    const most = (performance.now() - startMs) / intervalMs + 4;
    assert.ok(queries.length >= 3 && queries.length <= most, `${queries.length} queries about ${started}`);
  });

test("of a path with many ids of containers the outermost is looked up", async () => {
  clock.nowMs = 0;
  const { queries, source } = recordingSource();
  const { directory } = setUp([source]);
  directory.add(rootMade(0, 1n, `/${Array.from({ length: 60 }, (_, index) => idOf(index)).join("/")}`));
  await settle([directory.find(1n, "")]);
  assert.deepEqual(
    queries[0]?.flatMap(({ containerIds }) => containerIds),
    [idOf(0)],
  );
});

test("a container that is there for moments is looked up beside the directory above it, and not after the interval", async () => {
  clock.nowMs = 0;
  const { queries, source } = recordingSource(60_000);
  const { directory } = setUp([source]);
  for (const [id, path] of [`/${idOf(1)}`, `/kubepods/${idOf(2)}`, `/kubepods/${idOf(3)}`].entries()) {
    directory.add(rootMade(0, BigInt(id + 1), path));
    await settle([directory.find(BigInt(id + 1), "")]);
  }
  assert.deepEqual(
    queries.map((query) => query.length),
    [1, 1, 1],
  );
});
