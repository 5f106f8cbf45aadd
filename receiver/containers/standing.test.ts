/** To whom a cgroup belongs: by who made it and by what it is in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CgroupDirectory } from "./cgroup-directory.ts";
import type { Cgroup } from "./cgroup.ts";
import { MadeTree, by, byRoot, givenTo, madeInTheOpen } from "./fixtures/made-directories.ts";
import type { SubjectAttributes } from "./resolved-subject.ts";

const victim = "3".repeat(64);
const other = "4".repeat(64);
const podUid = "0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10";
const service = "/user.slice/user-1000.slice/user@1000.service";
const given = givenTo(1_000);

interface Setting {
  readonly directory: CgroupDirectory;
  readonly tree: MadeTree;
  readonly find: (path: string) => Cgroup;
  readonly about: (path: string) => SubjectAttributes;
}

function setUp(): Setting {
  let nowMs = 0;
  const directory = new CgroupDirectory([0], { nowMs: () => nowMs++ });
  const tree = new MadeTree(directory);
  const find = (path: string): Cgroup => {
    const cgroup = directory.find(tree.idOf(path), path);
    assert.ok(cgroup);
    return cgroup;
  };
  return { directory, tree, find, about: (path) => find(path).resolved.attributes };
}

test("a directory that root made below no container has the container that its name says", () => {
  const { tree, find, about } = setUp();
  tree.make(`/system.slice/docker-${victim}.scope`);
  assert.equal(about(`/system.slice/docker-${victim}.scope`)["container.id"], victim);
  assert.equal(find(`/system.slice/docker-${victim}.scope`).standing.isProven, true);
  assert.equal(find(`/system.slice/docker-${victim}.scope`).standing.tenant.key, `container ${victim}`);
});

test("a user's directory is the user's at any depth, whatever it is called and whoever made it there", () => {
  const { tree, find, about } = setUp();
  tree.make(`/docker/${victim}`);
  tree.make(service, given);
  for (const [below, making] of [
    [`docker-${victim}.scope`, by(1_000)],
    [`a/b/c/docker/${victim}`, by(1_000)],
    [`d/docker-${victim}.scope`, { ...by(1_000), makerUid: 0 }],
    [`kubepods-pod${podUid.replaceAll("-", "_")}.slice/cri-containerd-${victim}.scope`, by(1_000)],
  ] as const) {
    tree.make(`${service}/${below}`, making);
    assert.deepEqual(about(`${service}/${below}`), { "kerntel.container.owner.uid": 1_000 }, below);
    assert.equal(find(`${service}/${below}`).resolved.attribution, "path");
    assert.equal(find(`${service}/${below}`).standing.tenant.key, "user 1000");
  }
  tree.make(`${service}/system.slice/ssh.service`, by(1_000));
  assert.deepEqual(about(`${service}/system.slice/ssh.service`), {
    "kerntel.systemd.unit": "user@1000.service",
    "kerntel.cgroup.owner.uid": 1_000,
  });
});

test("a container that a user runs has its id and the user's uid, and shares nothing with another user's", () => {
  const { directory, tree, about } = setUp();
  const scope = (uid: number): string =>
    `/user.slice/user-${uid}.slice/user@${uid}.service/user.slice/libpod-${other}.scope`;
  for (const uid of [1_000, 1_001]) {
    tree.make(scope(uid), by(uid));
    assert.deepEqual(about(scope(uid)), {
      "container.id": other,
      "container.runtime.name": "podman",
      "kerntel.container.owner.uid": uid,
    });
  }
  // What root's runtime tells of an id is not told of a user's.
  assert.equal(directory.owners.get(other), undefined);
});

test("an id that another directory has is no match, and what root made has it in any order", () => {
  const { tree, about } = setUp();
  tree.make(service, given);
  tree.make(`${service}/docker-${victim}.scope`, by(1_000));
  tree.make(`${service}/docker-${victim}.scope/init`, by(1_000));
  assert.equal(about(`${service}/docker-${victim}.scope`)["container.id"], victim);
  // The container runs again; now the id is root's.
  tree.make(`/docker/${victim}`);
  assert.equal(about(`/docker/${victim}`)["container.id"], victim);
  for (const below of ["", "/init"])
    assert.deepEqual(about(`${service}/docker-${victim}.scope${below}`), {
      "kerntel.container.owner.uid": 1_000,
    });
  tree.make(`/elsewhere/${victim}`);
  assert.deepEqual(about(`/elsewhere/${victim}`), {});
});

test("the id of a container that has ended is still its own, and root may run it elsewhere", () => {
  const { tree, find, about } = setUp();
  tree.make(`/docker/${victim}`);
  const ended = find(`/docker/${victim}`);
  tree.remove(`/docker/${victim}`);
  tree.make(service, given);
  tree.make(`${service}/docker-${victim}.scope`, by(1_000));
  assert.deepEqual(about(`${service}/docker-${victim}.scope`), { "kerntel.container.owner.uid": 1_000 });
  assert.equal(ended.resolved.attributes["container.id"], victim);
  tree.make(`/batch/${victim}`);
  assert.equal(about(`/batch/${victim}`)["container.id"], victim);
});

test("each hierarchy may have a directory of the container, and of another user the same path is another one", () => {
  const directory = new CgroupDirectory([4, 0]);
  const [memory, unified] = [new MadeTree(directory, 4), new MadeTree(directory, 0)];
  const path = `/batch/docker-${victim}.scope`;
  memory.make(path);
  const twin = `/docker/${victim}`;
  unified.make(twin);
  assert.equal(directory.find(unified.idOf(twin), twin)?.resolved.attributes["container.id"], victim);
  // Whoever can make directories in root's: this one is no twin.
  unified.make(path, madeInTheOpen(1_000));
  const [roots, users] = [memory.idOf(path), unified.idOf(path)].map((id) => directory.find(id, path));
  assert.deepEqual(roots?.resolved.attributes["container.id"], victim);
  assert.deepEqual(users?.resolved.attributes, { "kerntel.container.owner.uid": 1_000 });
});

test("what a directory holds is the user's from when root gave it away, also what was made before", () => {
  const { tree, about } = setUp();
  tree.make(`/batch/job/docker-${victim}.scope`);
  assert.equal(about(`/batch/job/docker-${victim}.scope`)["container.id"], victim);
  // Seen when the user makes something in it.
  tree.make("/batch/other", { ...by(1_000), delegateId: tree.idOf("/batch") });
  assert.deepEqual(about("/batch/other"), { "kerntel.cgroup.owner.uid": 1_000 });
  assert.equal(about(`/batch/job/docker-${victim}.scope`)["kerntel.container.owner.uid"], 1_000);
});

test("a container whose directory is given to its own root stays root's, with all that is made in it", () => {
  const { tree, find, about } = setUp();
  tree.make(`/lxc.payload.web`, givenTo(100_000));
  tree.make(`/lxc.payload.web/docker/${victim}`, by(100_000));
  assert.deepEqual(about(`/lxc.payload.web/docker/${victim}`), {
    "container.id": "web",
    "container.runtime.name": "lxc",
  });
  assert.equal(find(`/lxc.payload.web/docker/${victim}`).nestedId, victim);
  tree.make(`/lxc.payload.web/docker/${victim}/deeper`, by(100_000));
  assert.equal(find(`/lxc.payload.web/docker/${victim}/deeper`).nestedId, victim);
  assert.equal(find(`/lxc.payload.web/docker/${victim}/deeper`).standing.isProven, false);
});

test("root of another user namespace proves nothing", () => {
  const { tree, find } = setUp();
  tree.make(`/docker/${victim}`, { ...byRoot, isForeign: true });
  assert.equal(find(`/docker/${victim}`).standing.isProven, false);
  assert.equal(find(`/docker/${victim}`).standing.tenant.kind, "host");
});

test("a name that a user gave an old directory is the user's, and one from root does not make it root's", () => {
  const { tree, about } = setUp();
  tree.make(service, given);
  tree.make(`${service}/a/b`, by(1_000));
  tree.rename(`${service}/a`, `${service}/docker-${victim}.scope`, by(1_000));
  assert.equal(about(`${service}/docker-${victim}.scope/b`)["kerntel.container.owner.uid"], 1_000);
  tree.make("/open/mine", madeInTheOpen(1_000));
  tree.rename("/open/mine", `/open/${other}`, byRoot);
  assert.equal(about(`/open/${other}`)["kerntel.container.owner.uid"], 1_000);
});

test("what is below an unknown directory is the one's whose the directories above are", () => {
  const { directory, tree } = setUp();
  tree.make(service, given);
  const lost = { hierarchy: 0, parentId: 99_999n };
  const add = (id: bigint, path: string, making = byRoot): SubjectAttributes => {
    directory.add({ ...lost, id, path, making });
    return directory.find(id, path)?.resolved.attributes ?? {};
  };
  assert.equal(add(1_001n, `/machine.slice/libpod-${other}.scope`)["container.id"], other);
  assert.equal(directory.find(1_001n, "")?.standing.isProven, true);
  assert.equal(
    add(1_002n, `${service}/x/docker-${victim}.scope`, by(1_000))["kerntel.container.owner.uid"],
    1_000,
  );
  const below = { ...by(1_000), makerUid: 0 };
  assert.equal(add(1_003n, `/lost/x/docker-${victim}.scope`, below)["kerntel.container.owner.uid"], 1_000);
  // Only a record has named it: what is above it decides.
  const named = directory.find(1_004n, `${service}/y/docker-${victim}.scope`);
  assert.equal(named?.resolved.attributes["kerntel.container.owner.uid"], 1_000);
});

test("a machine's supervisor is in no container, and a unit of root's is one", () => {
  const { tree, about, find } = setUp();
  const machine = "/machine.slice/systemd-nspawn@web.service";
  for (const below of ["payload/init.scope", "supervisor"]) tree.make(`${machine}/${below}`);
  assert.equal(about(`${machine}/payload/init.scope`)["container.id"], "web");
  assert.deepEqual(about(`${machine}/supervisor`), { "kerntel.systemd.unit": "systemd-nspawn@web.service" });
  tree.make("/system.slice/ssh.service");
  assert.equal(find("/system.slice/ssh.service").standing.tenant.key, "unit ssh.service");
});

test("directories of users and in containers are forgotten before those of root's", () => {
  const directory = new CgroupDirectory([0], { capacity: 40 });
  const tree = new MadeTree(directory);
  tree.make(`/docker/${victim}`);
  tree.make(service, given);
  for (let made = 0; made < 100; made++) {
    tree.make(`${service}/docker-${made.toString(16).padStart(64, "0")}.scope`, by(1_000));
    tree.make(`/docker/${victim}/${made}`);
  }
  assert.equal(
    directory.find(tree.idOf(`/docker/${victim}`), "")?.resolved.attributes["container.id"],
    victim,
  );
  // One that is forgotten is found by its path, and is whose it was.
  const forgotten = directory.find(tree.idOf(`${service}/docker-${"0".repeat(64)}.scope`), "");
  assert.equal(forgotten, undefined);
  const again = directory.find(0n, `${service}/docker-${victim}.scope`);
  assert.equal(again?.resolved.attributes["kerntel.container.owner.uid"], 1_000);
  assert.ok(directory.counts().evicted > 100);
});
