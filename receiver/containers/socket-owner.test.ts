import assert from "node:assert/strict";
import { test } from "node:test";
import { CgroupDirectory } from "./cgroup-directory.ts";
import type { Cgroup } from "./cgroup.ts";
import { Namespace } from "./namespace.ts";
import { SocketOwner } from "./socket-owner.ts";

const [web, job] = ["3".repeat(64), "4".repeat(64)];
const directory = new CgroupDirectory([0]);
const at = (path: string): Cgroup => {
  const cgroup = directory.find(0n, path);
  assert.ok(cgroup !== undefined);
  return cgroup;
};

const [root, ssh, cron] = ["/", "/system.slice/ssh.service", "/system.slice/cron.service"];
const [inWeb, inJob] = [`/docker/${web}`, `/docker/${job}`];

/** The path that the cgroup of the socket has, that of the first process in its namespace, and whose attributes count. */
const cases: readonly [what: string, socket: string | undefined, member: string | undefined, of: string][] = [
  [
    "the root of the unified hierarchy, which is all that version 1 keeps, is the namespace's",
    root,
    inWeb,
    inWeb,
  ],
  ["a unit, as of a runtime that works in a container's namespace, is the container's", ssh, inWeb, inWeb],
  ["a container is its own, also in the namespace of another one", inWeb, inJob, inWeb],
  ["no cgroup is the namespace's", undefined, inWeb, inWeb],
  ["the root in the namespace of a unit is the unit's", root, ssh, ssh],
  ["a unit in the namespace of another unit is its own", ssh, cron, ssh],
  ["a unit in a namespace that nobody was seen in is its own", ssh, undefined, ssh],
  ["the root in a namespace that nobody was seen in is the host's", root, undefined, root],
];

for (const [what, socket, member, of] of cases) {
  test(`a socket whose cgroup is ${what}`, () => {
    const namespace = new Namespace(1, () => 0);
    if (member !== undefined)
      namespace.add({ cgroup: at(member), startTime: 1, pair: { cookie: 1n, cgroupId: 1n, ownerUid: 0 } });
    const cgroup = socket === undefined ? undefined : at(socket);
    assert.equal(new SocketOwner(cgroup, namespace).resolved, at(of).resolved);
  });
}

test("a socket of nobody in a namespace of nobody is unknown, and waited for only while the namespace is new", () => {
  let nowMs = 0;
  const owner = new SocketOwner(undefined, new Namespace(1, () => nowMs));
  assert.deepEqual([owner.resolved.attribution, owner.isPending], ["unknown", true]);
  nowMs = 10_000;
  assert.equal(owner.isPending, false);
});

test("a container's socket does not wait for its namespace, but for the container's name", () => {
  const cgroup = at(inWeb);
  const owner = new SocketOwner(cgroup, new Namespace(1, () => 0));
  assert.equal(owner.isPending, false);
  cgroup.askedCount++;
  assert.equal(owner.isPending, true);
  cgroup.askedCount--;
});
