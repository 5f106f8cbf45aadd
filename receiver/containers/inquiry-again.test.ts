/** Whom nobody could tell about at once. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "node:test";
import { clock, fakeSource, lines, setUp, settle, tell } from "./fixtures/fake-sources.ts";
import type { Source, Wanted } from "./sources/source.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const id = "3".repeat(64);
const path = `/docker/${id}`;

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
  directory.add(rootMade(0, 1n, path));
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
  clock.nowMs = 0;
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
  assert.deepEqual([asked, source.counts()], [1, { answered: 0, failed: 1, disagreed: 0 }]);
  assert.deepEqual(lines, ["docker does not tell about containers: Error: refused"]);

  isDown = false;
  clock.nowMs = 40_000;
  inquiry.remind(cgroup);
  await settle([cgroup]);
  assert.equal(cgroup.resolved.attributes["container.name"], "web");
  inquiry.remind(cgroup);
  await nextTurn();
  assert.equal(asked, 2);
});

test("one that was down when a container came is asked later, also where another one knew it", async () => {
  clock.nowMs = 0;
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
  clock.nowMs = 40_000;
  for (const cgroup of [failed, passedOver, later]) {
    assert.equal(cgroup.resolved.attributes["k8s.pod.name"], undefined);
    inquiry.remind(cgroup);
    await settle([cgroup]);
    assert.equal(cgroup.resolved.attributes["k8s.pod.name"], "web");
  }
  assert.deepEqual(kubelet.counts(), { answered: 3, failed: 1, disagreed: 0 });
});

test("a container of which only the pod is known is asked about again, also when it is gone by then", async (context) => {
  const questions: (readonly Wanted[])[] = [];
  const find: Source["find"] = (wanted, signal) =>
    questions.push(wanted) < 3
      ? Promise.resolve([
          {
            containerId: id,
            isPartial: true,
            attributes: { "k8s.pod.name": "web" },
            evidence: { cgroupsPath: path },
          },
        ])
      : tell({ "k8s.pod.name": "web", "k8s.container.name": "worker" })(wanted, signal);
  const { directory } = setUp([fakeSource({ name: "kubelet", find })], [1, 1, 1]);
  directory.add(rootMade(0, 1n, path));
  const cgroup = directory.find(1n, path);
  while (questions.length === 0) await nextTurn();
  directory.remove(0, 1n);
  const keepAlive = setInterval(() => {}, 1_000);
  context.after(() => {
    clearInterval(keepAlive);
  });
  await settle([cgroup]);
  assert.equal(cgroup?.resolved.attributes["k8s.pod.name"], "web");
  assert.equal(questions.length, 2);
  while (questions.length < 3) await nextTurn();
  await nextTurn();
  assert.equal(cgroup.resolved.attributes["k8s.container.name"], "worker");
});
