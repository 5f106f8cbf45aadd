/** Who makes many cgroups forgets his own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CgroupDirectory } from "./cgroup-directory.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const MEMORY = 4;
const UNIFIED = 0;
const [outer, inner] = ["3".repeat(64), "4".repeat(64)] as const;
/** Inode numbers of the directories that root gave to two users. */
const [one, two] = [10n, 11n] as const;

function setUp(): CgroupDirectory {
  const directory = new CgroupDirectory([MEMORY, UNIFIED], { nowMs: () => 0 });
  directory.add(rootMade(MEMORY, 1n, `/docker/${outer}`));
  directory.add(rootMade(MEMORY, one, "/user.slice/one"));
  directory.add(rootMade(MEMORY, two, "/user.slice/two", two));
  directory.add(rootMade(MEMORY, 12n, "/user.slice/two/app.scope", two));
  return directory;
}

function churn(directory: CgroupDirectory, path: string, delegate: bigint, isRemoved = false): void {
  const count = path.length > 1_000 ? 500 : 20_000;
  for (let made = 0; made < count; made++) {
    const id = BigInt(100_000 + made);
    directory.add(rootMade(MEMORY, id, `${path}/${made}`, delegate));
    if (isRemoved) directory.remove(MEMORY, id);
  }
}

for (const isRemoved of [true, false])
  test(`20,000 cgroups that a user makes${isRemoved ? " and removes" : ""} forget nothing of root's or of another user's`, () => {
    const directory = setUp();
    churn(directory, "/user.slice/one/docker", one, isRemoved);
    for (const id of [1n, one, two, 12n]) assert.notEqual(directory.find(id, ""), undefined, `${id}`);
    const { live, gone, evicted } = directory.counts();
    assert.equal(live + gone, 1_024 + 4);
    assert.equal(evicted, 20_000 - 1_024);
  });

test("directories that a user has in two hierarchies are one user's", () => {
  const directory = setUp();
  directory.add(rootMade(UNIFIED, 20n, "/user.slice/one", 20n, 10));
  directory.add(rootMade(UNIFIED, 21n, "/user.slice/one/a", 20n, 10));
  directory.add(rootMade(MEMORY, 22n, "/user.slice/one/b", one));
  const shares = [20n, 21n, 22n].map((id) => directory.find(id, "")?.share);
  assert.deepEqual(shares, [undefined, "user 10", "user 10"]);
});

test("a cgroup that only a record brings is the user's whose directory it is below, whatever its name", () => {
  const directory = setUp();
  directory.add(rootMade(MEMORY, 30n, "/user.slice/one/known", one));
  for (const path of [`/user.slice/one/docker-${inner}.scope`, "/user.slice/one/a/b/c"])
    assert.equal(directory.find(99n, path)?.share, "user 10");
  assert.equal(directory.find(99n, "/system.slice/ssh.service")?.share, undefined);
});

test("what is made in a container is a part of that container's room, a container of a pod is not the pod's", () => {
  const directory = setUp();
  directory.add(rootMade(MEMORY, 40n, `/docker/${outer}/docker/${inner}`));
  assert.equal(directory.find(40n, "")?.share, `container ${outer}`);
  const pod = "/kubepods/pod0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10";
  directory.add(rootMade(MEMORY, 41n, pod));
  directory.add(rootMade(MEMORY, 42n, `${pod}/${inner}`));
  assert.equal(directory.find(42n, "")?.share, undefined);
  churn(directory, `/docker/${outer}/x`, 0n);
  for (const id of [1n, 12n, 42n]) assert.notEqual(directory.find(id, ""), undefined);
  assert.equal(directory.counts().live, 1_024 + 6);
});

test("a path of 4,096 bytes with sixty ids of containers takes the room of many", () => {
  const directory = setUp();
  const deep = `/user.slice/one/${Array.from({ length: 60 }, (_, index) => `${index}`.padStart(64, "0")).join("/")}`;
  churn(directory, deep, one);
  const { live, owners } = directory.counts();
  assert.ok(live < 400, `${live} cgroups`);
  assert.ok(owners < 400, `${owners} owners`);
});

test("of many users the one who has most gives way, and only then one of root's", () => {
  const directory = new CgroupDirectory([MEMORY], { nowMs: () => 0 });
  for (let user = 1; user <= 6; user++)
    for (let made = 0; made < (user === 1 ? 10 : 1_000); made++)
      directory.add(rootMade(MEMORY, BigInt(user * 10_000 + made), `/users/${user}/${made}`, BigInt(user)));
  const kept = (user: number): number =>
    [...directory.all()].filter(({ share }) => share === `user ${user}`).length;
  assert.equal(kept(1), 10);
  assert.deepEqual([kept(2) + kept(3) + kept(4) + kept(5) + kept(6)], [4_096 - 10]);
  for (let made = 0; made < 16_384; made++)
    directory.add(rootMade(MEMORY, BigInt(1_000_000 + made), `/root/${made}`));
  assert.equal(kept(1), 0);
  assert.equal(directory.counts().live, 16_384);
});
