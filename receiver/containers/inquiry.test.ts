import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "node:test";
import { clock, fakeSource, lines, setUp, settle, tell } from "./fixtures/fake-sources.ts";
import type { Told, Wanted } from "./sources/source.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const id = "3".repeat(64);
const path = `/docker/${id}`;

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

test("a source that never answers is given up at its deadline", async () => {
  lines.length = 0;
  clock.nowMs = 0;
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
  assert.deepEqual(source.counts(), { answered: 0, failed: 1, disagreed: 0 });
  assert.match(lines[0] ?? "", /no answer in 0.005 s/);
});

test("a container that only its runtime can tell from a directory is found by name, with what is below it", async () => {
  const { directory } = setUp([
    fakeSource({
      name: "containerd",
      find: (wanted) =>
        Promise.resolve(
          wanted.some(({ names }) => names.includes("web"))
            ? [
                {
                  containerId: undefined,
                  path: "/default/web",
                  attributes: { "container.id": "web" },
                  evidence: {},
                },
              ]
            : [],
        ),
    }),
  ]);
  directory.add(rootMade(0, 1n, "/default/web"));
  directory.add(rootMade(0, 2n, "/default/web/inner"));
  directory.add(rootMade(0, 3n, "/default/web2"));
  const [web, inner, other] = [1n, 2n, 3n].map((each) => directory.find(each, ""));
  await settle([web, inner, other]);
  assert.equal(web?.resolved.attributes["container.id"], "web");
  assert.equal(inner?.resolved, web.resolved);
  assert.deepEqual(other?.resolved.attributes, {});
  // The same name again, with another container behind it.
  directory.remove(0, 1n);
  directory.add(rootMade(0, 4n, "/default/web"));
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
