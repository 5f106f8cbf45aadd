import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CgroupDirectory } from "./cgroup-directory.ts";
import type { Member } from "./namespace.ts";
import { NetworkNamespaces } from "./network-namespaces.ts";

const [pause, web, sidecar] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const uid = "0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10";
let directory = new CgroupDirectory([0]);
beforeEach(() => {
  directory = new CgroupDirectory([0]);
});

function member(path: string, startTime: number): Member {
  const cgroup = directory.find(0n, path);
  assert.ok(cgroup);
  return { cgroup, startTime };
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

test("the table is bounded", () => {
  const namespaces = new NetworkNamespaces();
  const owner = member(`/docker/${web}`, 1);
  for (let cookie = 1n; cookie <= 10_000n; cookie++) namespaces.add({ inode: 1, cookie }, owner);
  assert.equal(namespaces.size, 8_192);
  assert.equal(namespaces.find({ inode: 1, cookie: 10_000n }).resolved.attributes["container.id"], web);
});
