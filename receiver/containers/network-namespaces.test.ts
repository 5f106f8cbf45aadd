import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CgroupDirectory } from "./cgroup-directory.ts";
import type { Member } from "./namespace.ts";
import { NetworkNamespaces } from "./network-namespaces.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const [pause, web, sidecar] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const uid = "0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10";
let directory = new CgroupDirectory([0]);
beforeEach(() => {
  directory = new CgroupDirectory([0]);
});

function member(path: string, startTime: number): Member {
  const cgroup = directory.find(0n, path);
  assert.ok(cgroup);
  return { cgroup, startTime, pair: { cookie: 17n, cgroupId: 0n, ownerUid: 0 } };
}

const inPod = (id: string): string => `/kubepods/burstable/pod${uid}/${id}`;
const namespace = { inode: 4_026_532_000, cookie: 17n };

test("a namespace is the pod's, whichever of its containers is seen in it", () => {
  for (const order of [
    [pause, web, sidecar],
    [sidecar, web, pause],
  ]) {
    const namespaces = new NetworkNamespaces();
    for (const [index, id] of order.entries()) namespaces.add(namespace, member(inPod(id), index));
    assert.deepEqual(namespaces.find(namespace).resolved.attributes, {
      "k8s.pod.uid": uid,
      "kerntel.pod.qos_class": "burstable",
    });
    assert.equal(namespaces.find(namespace).resolved, namespaces.find(namespace).resolved);
  }
});

test("what becomes known of the pod is known of its namespace, without what is one container's", () => {
  const namespaces = new NetworkNamespaces();
  namespaces.add(namespace, member(inPod(pause), 1));
  directory.owners.get(pause)?.learn(
    { name: "cri", trust: 3 },
    {
      "container.id": pause,
      "container.runtime.name": "containerd",
      "k8s.container.name": "x",
      "k8s.pod.name": "web",
      "k8s.pod.label.app": "shop",
    },
  );
  const { attributes, attribution } = namespaces.find(namespace).resolved;
  assert.equal(attribution, "resolved");
  assert.deepEqual(Object.keys(attributes).toSorted(), [
    "k8s.pod.label.app",
    "k8s.pod.name",
    "k8s.pod.uid",
    "kerntel.pod.qos_class",
  ]);
});

test("outside of pods it is the container's that was in it first, not that of one which joined", () => {
  const namespaces = new NetworkNamespaces();
  namespaces.add(namespace, member(`/docker/${web}`, 20));
  namespaces.add(namespace, member(`/docker/${sidecar}`, 30));
  assert.equal(namespaces.find(namespace).resolved.attributes["container.id"], web);
  namespaces.add(namespace, member(`/docker/${pause}`, 10));
  assert.equal(namespaces.find(namespace).resolved.attributes["container.id"], pause);
});

test("a runtime's helper in the namespace of a container is not its owner, in whatever order they are seen", () => {
  const helper = member("/system.slice/containerd.service", 1);
  const contained = member(`/docker/${web}`, 2);
  for (const members of [
    [helper, contained],
    [contained, helper],
  ]) {
    const namespaces = new NetworkNamespaces();
    for (const each of members) namespaces.add(namespace, each);
    assert.equal(namespaces.find(namespace).resolved.attributes["container.id"], web);
  }
});

test("the host's namespace is the host, also for pods that share it", () => {
  const namespaces = new NetworkNamespaces();
  namespaces.setHost({ inode: 4_026_531_840, cookie: 1n });
  namespaces.add({ inode: 4_026_531_840, cookie: 1n }, member(inPod(web), 1));
  for (const cookie of [1n, 0n]) {
    const { resolved, isPending } = namespaces.find({ inode: 4_026_531_840, cookie });
    assert.deepEqual([resolved, isPending], [{ attributes: {}, attribution: "resolved" }, false]);
  }
  // The inode of a namespace that is gone was given to another one.
  assert.equal(namespaces.find({ inode: 4_026_531_840, cookie: 9n }).resolved.attribution, "unknown");
});

test("one that nobody was seen in is waited for while it is new, and then unknown", () => {
  let nowMs = 0;
  const namespaces = new NetworkNamespaces(() => nowMs);
  const about = namespaces.find(namespace);
  assert.deepEqual([about.isPending, about.resolved.attribution], [true, "unknown"]);
  nowMs = 10_000;
  assert.equal(about.isPending, false);
  assert.equal(namespaces.find(namespace).isPending, false);
  namespaces.add(namespace, member(`/docker/${web}`, 1));
  assert.equal(about.resolved.attributes["container.id"], web);
});

/** One that a user made, whatever its cgroup is called. */
function ofUser(path: string, cookie: bigint, ownerUid = 65_534): Member {
  return { ...member(path, 1), pair: { cookie, cgroupId: 5n, ownerUid } };
}

function isKnown(namespaces: NetworkNamespaces, cookie: bigint): boolean {
  return namespaces.find({ inode: 1, cookie }).resolved.attribution !== "unknown";
}

test("a user who makes 10,000 namespaces, in cgroups called like containers, has his own forgotten and no other's", () => {
  const namespaces = new NetworkNamespaces();
  const forgotten: bigint[] = [];
  namespaces.onForget = ({ cookie }): void => void forgotten.push(cookie);
  namespaces.add({ inode: 1, cookie: 1n }, member(`/docker/${web}`, 1));
  namespaces.add({ inode: 1, cookie: 2n }, member("/system.slice/ssh.service", 1));
  namespaces.add({ inode: 1, cookie: 3n }, ofUser(`/user/docker-${sidecar}.scope`, 3n, 1_000));
  for (let cookie = 10n; cookie < 10_010n; cookie++)
    namespaces.add({ inode: 1, cookie }, ofUser(`/user/docker-${pause}.scope`, cookie));
  for (const cookie of [1n, 2n, 3n, 10_009n]) assert.equal(isKnown(namespaces, cookie), true);
  assert.deepEqual([namespaces.size, namespaces.evicted], [256 + 3, 10_000 - 256]);
  // The kernel is to report them again.
  assert.deepEqual(forgotten.slice(0, 2), [10n, 11n]);
  assert.equal(forgotten.length, namespaces.evicted);
});

test("namespaces that only records speak of, and those of one container, forget no other's either", () => {
  const namespaces = new NetworkNamespaces();
  namespaces.add({ inode: 1, cookie: 1n }, member(`/docker/${web}`, 1));
  for (let cookie = 10n; cookie < 10_010n; cookie++) namespaces.find({ inode: 1, cookie });
  for (let cookie = 20_000n; cookie < 30_000n; cookie++)
    namespaces.add({ inode: 1, cookie }, member(`/docker/${sidecar}`, 1));
  assert.equal(isKnown(namespaces, 1n), true);
  assert.deepEqual([namespaces.size, namespaces.evicted], [1 + 64, 10_000 - 1_024 + 10_000 - 64]);
});

test("in a full table those without a container go first, and of containers those that are gone", () => {
  const namespaces = new NetworkNamespaces();
  namespaces.add({ inode: 1, cookie: 1n }, member("/system.slice/ssh.service", 1));
  directory.add(rootMade(0, 7n, `/docker/${web}`));
  directory.add(rootMade(0, 8n, `/docker/${sidecar}`));
  const cgroups = [7n, 8n].map((each) => directory.find(each, ""));
  for (const [index, cgroup] of cgroups.entries()) {
    assert.ok(cgroup);
    const pair = { cookie: BigInt(index + 2), cgroupId: 7n, ownerUid: 0 };
    namespaces.add({ inode: 1, cookie: BigInt(index + 2) }, { cgroup, startTime: 1, pair });
  }
  directory.remove(0, 8n);
  const add = (from: number, count: number): void => {
    for (let index = from; index < from + count; index++) {
      directory.add(rootMade(0, BigInt(index), `/docker/${index.toString(16).padStart(64, "0")}`));
      const cgroup = directory.find(BigInt(index), "");
      assert.ok(cgroup);
      const pair = { cookie: BigInt(index), cgroupId: BigInt(index), ownerUid: 0 };
      namespaces.add({ inode: 1, cookie: BigInt(index) }, { cgroup, startTime: 1, pair });
    }
  };
  add(100, 8_189);
  assert.deepEqual([namespaces.size, namespaces.evicted], [8_192, 0]);
  add(9_000, 1);
  assert.deepEqual(
    [1n, 2n, 3n].map((cookie) => isKnown(namespaces, cookie)),
    [false, true, true],
  );
  add(9_001, 1);
  assert.deepEqual(
    [2n, 3n].map((cookie) => isKnown(namespaces, cookie)),
    [true, false],
  );
});

test("a namespace in more cgroups than are kept has the first of them reported again", () => {
  const namespaces = new NetworkNamespaces();
  const forgotten: bigint[] = [];
  namespaces.onForget = ({ cgroupId }): void => void forgotten.push(cgroupId);
  for (let cgroupId = 1n; cgroupId <= 70n; cgroupId++)
    namespaces.add(namespace, {
      ...member(`/docker/${web}`, 1),
      pair: { cookie: 17n, cgroupId, ownerUid: 0 },
    });
  assert.deepEqual(forgotten, [1n, 2n, 3n, 4n, 5n, 6n]);
  assert.equal(namespaces.evicted, 0);
});
