import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "node:test";
import type { Cgroup } from "./cgroup.ts";
import { CgroupDirectory } from "./cgroup-directory.ts";
import { Inquiry } from "./inquiry.ts";
import type { SourceName } from "./owner.ts";
import { AskedSource } from "./sources/asked-source.ts";
import type { Source, Told, Wanted } from "./sources/source.ts";

const id = "3".repeat(64);
const path = `/docker/${id}`;

interface FakeOptions {
  readonly name?: SourceName;
  readonly find: Source["find"];
  readonly timeoutMs?: number;
}

const lines: string[] = [];
let nowMs = 0;

function fakeSource({ name = "docker", find, timeoutMs = 1_000 }: FakeOptions): AskedSource {
  return new AskedSource(
    {
      name,
      settings: {},
      findsNames: name === "containerd",
      timeoutMs,
      isThere: () => true,
      open: () => Promise.resolve({ find, close: () => {} }),
    },
    { warn: (message, cause) => lines.push(`${message}: ${String(cause)}`) },
    () => nowMs,
  );
}

function setUp(
  sources: readonly AskedSource[],
  againAfterMs: readonly number[] = [],
): { directory: CgroupDirectory; inquiry: Inquiry; answered: Promise<void> } {
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const directory = new CgroupDirectory([0], {
    onNew: (cgroup) => {
      inquiry.ask(cgroup);
    },
  });
  const inquiry: Inquiry = new Inquiry({
    directory,
    sources,
    againAfterMs,
    onAnswer: resolve,
    nowMs: () => nowMs,
  });
  return { directory, inquiry, answered };
}

async function settle(cgroups: readonly (Cgroup | undefined)[]): Promise<void> {
  while (cgroups.some((cgroup) => cgroup?.isPending)) await nextTurn();
}

const tell = (attributes: Told["attributes"]): Source["find"] => {
  return (wanted) =>
    Promise.resolve(
      wanted.flatMap(({ containerIds }) => containerIds.map((containerId) => ({ containerId, attributes }))),
    );
};

test("a new cgroup is asked about, pending until all have answered, and then has what they told", async () => {
  const slow = Promise.withResolvers<readonly Told[]>();
  const { directory } = setUp([
    fakeSource({ find: tell({ "container.name": "web" }) }),
    fakeSource({ name: "kubelet", find: () => slow.promise }),
  ]);
  const cgroup = directory.find(1n, path);
  assert.equal(cgroup?.isPending, true);
  while (cgroup.owner?.isKnown !== true) await nextTurn();
  assert.equal(cgroup.resolved.attributes["container.name"], "web");
  assert.equal(cgroup.isPending, true);
  slow.resolve([]);
  await settle([cgroup]);
  assert.equal(cgroup.resolved.attribution, "resolved");
});

test("what comes in one moment is one question, and a container is asked about once", async () => {
  const questions: (readonly Wanted[])[] = [];
  const { directory, answered } = setUp([
    fakeSource({
      find: (wanted, signal) => {
        questions.push(wanted);
        return tell({})(wanted, signal);
      },
    }),
  ]);
  for (const below of ["", "/a", "/a/b"]) directory.find(1n, path + below);
  directory.find(2n, `/docker/${"4".repeat(64)}`);
  await answered;
  directory.find(3n, `${path}/c`);
  await nextTurn();
  assert.equal(questions.length, 1);
  assert.deepEqual(
    new Set(questions[0]?.flatMap(({ containerIds }) => containerIds)),
    new Set([id, "4".repeat(64)]),
  );
});

test("one who does not know yet is asked again, and records wait for the second answer at most", async () => {
  let asked = 0;
  const { directory } = setUp(
    [
      fakeSource({
        find: (wanted, signal) => (++asked < 3 ? Promise.resolve([]) : tell({})(wanted, signal)),
      }),
    ],
    [1, 1, 1],
  );
  directory.add(0, 1n, path);
  const cgroup = directory.find(1n, path);
  const isPendingAt = new Map<number, boolean | undefined>();
  const keepAlive = setInterval(() => {}, 1_000);
  while (cgroup?.owner?.isKnown !== true) {
    isPendingAt.set(asked, cgroup?.isPending);
    await nextTurn();
  }
  clearInterval(keepAlive);
  assert.deepEqual([isPendingAt.get(0), isPendingAt.get(1), isPendingAt.get(2)], [true, true, false]);
});

test("a source that fails is told of, left alone for a while, and asked again about what a record needs", async () => {
  lines.length = 0;
  nowMs = 0;
  let isDown = true;
  let asked = 0;
  const source = fakeSource({
    find: (wanted, signal) => {
      asked++;
      return isDown
        ? Promise.reject(new Error("refused"))
        : tell({ "container.name": "web" })(wanted, signal);
    },
  });
  const { directory, inquiry } = setUp([source], [1, 1]);
  const cgroup = directory.find(1n, path);
  assert.ok(cgroup);
  await settle([cgroup]);
  for (let other = 1; other < 100; other++)
    directory.find(0n, `/docker/${other.toString(16).padStart(64, "0")}`);
  await nextTurn();
  assert.deepEqual([asked, source.counts()], [1, { answered: 0, failed: 1 }]);
  assert.deepEqual(lines, ["docker does not tell about containers: Error: refused"]);

  isDown = false;
  nowMs = 40_000;
  inquiry.remind(cgroup);
  await settle([cgroup]);
  assert.equal(cgroup.resolved.attributes["container.name"], "web");
  inquiry.remind(cgroup);
  await nextTurn();
  assert.equal(asked, 2);
});

test("one that was down when a container came is asked later, also where another one knew it", async () => {
  nowMs = 0;
  let isDown = true;
  const kubelet = fakeSource({
    name: "kubelet",
    find: (wanted, signal) =>
      isDown ? Promise.reject(new Error("refused")) : tell({ "k8s.pod.name": "web" })(wanted, signal),
  });
  const { directory, inquiry } = setUp([fakeSource({ find: tell({}) }), kubelet]);
  const [failed, passedOver] = [directory.find(1n, path), directory.find(2n, `/docker/${"4".repeat(64)}`)];
  assert.ok(failed && passedOver);
  await settle([failed, passedOver]);
  const later = directory.find(3n, `/docker/${"5".repeat(64)}`);
  assert.ok(later);
  await settle([later]);
  isDown = false;
  nowMs = 40_000;
  for (const cgroup of [failed, passedOver, later]) {
    assert.equal(cgroup.resolved.attributes["k8s.pod.name"], undefined);
    inquiry.remind(cgroup);
    await settle([cgroup]);
    assert.equal(cgroup.resolved.attributes["k8s.pod.name"], "web");
  }
  assert.deepEqual(kubelet.counts(), { answered: 3, failed: 1 });
});

test("a source that never answers is given up at its deadline", async () => {
  lines.length = 0;
  nowMs = 0;
  const source = fakeSource({
    timeoutMs: 5,
    find: (_, signal) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => {
        reject(new Error("aborted"));
      });
      return promise;
    },
  });
  const { directory } = setUp([source]);
  const cgroup = directory.find(1n, path);
  const keepAlive = setInterval(() => {}, 1_000);
  await settle([cgroup]);
  clearInterval(keepAlive);
  assert.deepEqual(source.counts(), { answered: 0, failed: 1 });
  assert.match(lines[0] ?? "", /no answer in 0.005 s/);
});

test("a container that only its runtime can tell from a directory is found by name, with what is below it", async () => {
  const { directory } = setUp([
    fakeSource({
      name: "containerd",
      find: (wanted) =>
        Promise.resolve(
          wanted.some(({ names }) => names.includes("web"))
            ? [{ containerId: undefined, path: "/default/web", attributes: { "container.id": "web" } }]
            : [],
        ),
    }),
  ]);
  directory.add(0, 1n, "/default/web");
  directory.add(0, 2n, "/default/web/inner");
  directory.add(0, 3n, "/default/web2");
  const [web, inner, other] = [1n, 2n, 3n].map((each) => directory.find(each, ""));
  await settle([web, inner, other]);
  assert.equal(web?.resolved.attributes["container.id"], "web");
  assert.equal(inner?.resolved, web.resolved);
  assert.deepEqual(other?.resolved.attributes, {});
  // The same name again, with another container behind it.
  directory.remove(0, 1n);
  directory.add(0, 4n, "/default/web");
  const again = directory.find(4n, "");
  await settle([again]);
  assert.notEqual(again?.resolved, web.resolved);
});

test("nobody is asked about units, slices, the root and machines", () => {
  let asked = 0;
  const { directory } = setUp([fakeSource({ find: () => Promise.resolve([]).finally(() => asked++) })]);
  const paths = ["/", "/system.slice", "/system.slice/ssh.service", "/lxc.payload.web", "/init.scope"];
  const pending = paths.map((each) => directory.find(0n, each)?.isPending);
  assert.deepEqual(new Set(pending), new Set([false]));
  assert.equal(asked, 0);
});
