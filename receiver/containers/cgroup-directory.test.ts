import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cgroup } from "./cgroup.ts";
import { CgroupDirectory } from "./cgroup-directory.ts";
import type { DirectoryOptions } from "./cgroup-directory.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const MEMORY = 4;
const UNIFIED = 0;
const id = "3".repeat(64);
const path = `/docker/${id}`;

interface Setting {
  readonly directory: CgroupDirectory;
  readonly made: Cgroup[];
  nowMs: number;
}

function setUp(options: DirectoryOptions = {}): Setting {
  const made: Cgroup[] = [];
  const setting: Setting = {
    made,
    nowMs: 0,
    directory: new CgroupDirectory([MEMORY, UNIFIED], {
      nowMs: () => setting.nowMs,
      onNew: (cgroup) => made.push(cgroup),
      ...options,
    }),
  };
  return setting;
}

test("a record is found by its id without a path, and keeps its container for ten minutes after it is gone", () => {
  const setting = setUp();
  const { directory } = setting;
  directory.add(rootMade(MEMORY, 7n, path));
  directory.remove(MEMORY, 7n);
  for (const nowMs of [0, 9 * 60_000, 10 * 60_000]) {
    setting.nowMs = nowMs;
    assert.equal(directory.find(7n, "")?.resolved.attributes["container.id"], id);
  }
  setting.nowMs = 10 * 60_000 + 1;
  assert.equal(directory.counts().gone, 0);
  assert.equal(directory.find(7n, ""), undefined);
  assert.deepEqual(
    [directory.counts().missed, directory.counts().evicted, directory.counts().owners],
    [1, 0, 0],
  );
});

test("the path tells the same id of two hierarchies apart", () => {
  const { directory } = setUp();
  directory.add(rootMade(MEMORY, 7n, path));
  directory.add(rootMade(UNIFIED, 7n, "/system.slice/ssh.service"));
  assert.equal(
    directory.find(7n, "/system.slice/ssh.service")?.resolved.attributes["kerntel.systemd.unit"],
    "ssh.service",
  );
  assert.equal(directory.find(7n, path)?.resolved.attributes["container.id"], id);
  assert.equal(directory.find(7n, "")?.path, path);
});

test("a cgroup and its twin of another hierarchy are one, and go together", () => {
  const { directory, made } = setUp();
  directory.add(rootMade(MEMORY, 7n, path));
  directory.add(rootMade(UNIFIED, 9n, path));
  assert.equal(made.length, 1);
  assert.equal(directory.find(7n, ""), directory.find(9n, ""));
  directory.remove(UNIFIED, 9n);
  directory.remove(MEMORY, 7n);
  assert.deepEqual([directory.counts().live, directory.counts().gone], [0, 1]);
});

test("cgroups inside one container share its owner, and nested ones climb to it", () => {
  const { directory } = setUp();
  const inner = ["", "/init.scope", "/system.slice/ssh.service"].map((below, index) =>
    directory.find(BigInt(index), path + below),
  );
  assert.equal(new Set(inner.map((cgroup) => cgroup?.resolved)).size, 1);
});

test("machines of two managers may have the same name", () => {
  const { directory } = setUp();
  const runtimes = ["/lxc.payload.web", "/machine.slice/machine-web.scope"].map(
    (each) => directory.find(0n, each)?.resolved.attributes["container.runtime.name"],
  );
  assert.deepEqual(runtimes, ["lxc", "systemd-nspawn"]);
});

test("of containers in a container the outermost is meant, and the innermost is named beside it", () => {
  const { directory } = setUp();
  const outer = "4".repeat(64);
  const cgroup = directory.find(1n, `/docker/${outer}/docker/${id}`);
  assert.deepEqual([cgroup?.resolved.attributes["container.id"], cgroup?.nestedId], [outer, id]);
  directory.owners
    .get(outer)
    ?.learn({ name: "docker", trust: 1 }, { "container.id": outer, "container.name": "dind" });
  assert.equal(cgroup?.resolved.attributes["container.name"], "dind");
  assert.equal(cgroup?.resolved.attribution, "resolved");
  assert.equal(directory.owners.get(id), undefined);
});

test("a record whose cgroup nobody told of is found by its path, and asked about once", () => {
  const { directory, made } = setUp();
  assert.equal(directory.find(7n, path), directory.find(7n, path));
  assert.equal(made.length, 1);
  directory.add(rootMade(MEMORY, 7n, path));
  // Once more, now that it is known that root made it.
  assert.equal(made.length, 2);
  assert.equal(directory.counts().live, 1);
  assert.equal(directory.counts().foundByPath, 2);
});

test("a name that is used again is another container", () => {
  const { directory, made } = setUp();
  directory.add(rootMade(MEMORY, 7n, "/default/web"));
  directory.remove(MEMORY, 7n);
  directory.add(rootMade(MEMORY, 8n, "/default/web"));
  assert.equal(made.length, 2);
  assert.notEqual(directory.find(7n, ""), directory.find(8n, ""));
  // The removal of the first one was lost.
  directory.add(rootMade(MEMORY, 9n, "/default/web"));
  assert.notEqual(directory.find(8n, ""), directory.find(9n, ""));
  assert.equal(directory.find(99n, "/default/web"), directory.find(9n, ""));
});

test("a directory that is renamed moves with what is below it", () => {
  const { directory } = setUp();
  directory.add(rootMade(MEMORY, 1n, "/a"));
  directory.add(rootMade(MEMORY, 2n, "/a/b"));
  directory.add(rootMade(MEMORY, 3n, "/ab"));
  directory.rename(rootMade(MEMORY, 1n, `/${id}`));
  assert.deepEqual(
    [1n, 2n, 3n].map((each) => directory.find(each, "")?.path),
    [`/${id}`, `/${id}/b`, "/ab"],
  );
  assert.equal(directory.find(2n, "")?.resolved.attributes["container.id"], id);
});

test("a path that lost its beginning, for its length or its depth, is found by the end of a whole one", () => {
  const { directory } = setUp();
  const long = `/${"outer/".repeat(60)}docker/${id}`;
  const deep = "/1/2/3/4/5/6/7/8/9/10/11/12";
  directory.add(rootMade(UNIFIED, 5n, long));
  directory.add(rootMade(UNIFIED, 6n, deep));
  for (const [cgroup, whole, cut] of [
    [5n, long, `…/docker/${id}`],
    [6n, deep, `…${deep.slice("/1/2".length)}`],
    [6n, deep, "…/11/12"],
    [6n, deep, ""],
  ] as const) {
    assert.equal(directory.wholePath(cgroup, cut), whole);
    assert.equal(directory.find(cgroup, cut)?.path, whole);
  }
  assert.equal(directory.counts().foundById, 4);
  // A whole path that is another one is another hierarchy's, and so is another end.
  assert.equal(directory.find(6n, "/11/12")?.path, "/11/12");
  assert.equal(directory.find(6n, "…/2/12")?.path, "…/2/12");
  assert.equal(directory.wholePath(6n, "…/2/12"), "…/2/12");
});

test("nothing of a cut path is believed: who gave those names is not known", () => {
  const { directory } = setUp();
  for (const cut of [`…/docker/${id}/init.scope`, "…/ssh.service", "…/a"])
    assert.deepEqual(directory.find(2n, cut)?.resolved, { attributes: {}, attribution: "unknown" });
});

test("a cgroup whose path the kernel cut is named by its parent, whatever it and those above are called", () => {
  const { directory } = setUp();
  directory.add(rootMade(MEMORY, 1n, path));
  let parent = 1n;
  for (let depth = 0; depth < 100; depth++) {
    directory.add(rootMade(MEMORY, parent + 1n, directory.pathBelow(MEMORY, parent, `docker-${depth}`)));
    parent++;
  }
  const deepest = directory.find(parent, "");
  assert.equal(deepest?.path.split("/").length, 103);
  assert.equal(deepest.resolved.attributes["container.id"], id);
  assert.equal(directory.pathBelow(MEMORY, 1n, ""), `${path}/…`);
  assert.equal(directory.pathBelow(MEMORY, 0n, "lost"), "…/lost");
  // A path that costs too much memory is one that nobody can open.
  assert.equal(directory.pathBelow(MEMORY, 1n, "x".repeat(4_096)), `…/${"x".repeat(4_096)}`);
});

test("of 5,000 cgroups made and removed each is remembered, memory is bounded, and what is forgotten is counted", () => {
  const setting = setUp({ capacity: 2_000 });
  const { directory } = setting;
  directory.add(rootMade(MEMORY, 1n, "/long-lived"));
  for (let cgroup = 2; cgroup < 5_002; cgroup++) {
    directory.add(rootMade(MEMORY, BigInt(cgroup), `/docker/${cgroup.toString(16).padStart(64, "0")}`));
    directory.remove(MEMORY, BigInt(cgroup));
    assert.equal(directory.find(BigInt(cgroup), "")?.goneAtMs, 0);
  }
  const { live, gone, evicted, missed, owners } = directory.counts();
  assert.deepEqual(
    { live, gone, evicted, missed, owners },
    { live: 1, gone: 1_999, evicted: 3_001, missed: 0, owners: 1_999 },
  );
  assert.equal(directory.find(2n, ""), undefined);
  assert.equal(directory.counts().missed, 1);
});

test("too many living ones give way in the order they came", () => {
  const { directory } = setUp({ capacity: 2 });
  for (const each of [1n, 2n, 3n]) directory.add(rootMade(MEMORY, each, `/${each}`));
  assert.equal(directory.find(1n, ""), undefined);
  assert.equal(directory.find(3n, "")?.path, "/3");
  assert.equal(directory.counts().evicted, 1);
});
