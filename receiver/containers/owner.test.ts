import assert from "node:assert/strict";
import { test } from "node:test";
import { Owner } from "./owner.ts";

test("what several tell is laid together, and what is known from the path stays", () => {
  const owner = new Owner("1", { "container.id": "1", "kerntel.pod.qos_class": "burstable" });
  assert.deepEqual([owner.resolved.attribution, owner.isKnown], ["path", false]);
  owner.learn("kubelet", { "k8s.pod.name": "web", "k8s.container.restart_count": 2 });
  owner.learn("cri", {
    "k8s.pod.name": "web",
    "k8s.container.restart_count": 1,
    "container.runtime.name": "containerd",
  });
  assert.deepEqual(owner.resolved, {
    attributes: {
      "container.id": "1",
      "kerntel.pod.qos_class": "burstable",
      "k8s.pod.name": "web",
      "k8s.container.restart_count": 2,
      "container.runtime.name": "containerd",
    },
    attribution: "resolved",
  });
});

test("the same news keeps the same object, other news makes another", () => {
  const owner = new Owner("1", {});
  owner.learn("docker", { "container.name": "a", "container.image.tags": ["1"] });
  const { resolved } = owner;
  owner.learn("docker", { "container.name": "a", "container.image.tags": ["1"] });
  assert.equal(owner.resolved, resolved);
  owner.learn("docker", { "container.name": "a", "container.image.tags": ["2"] });
  assert.notEqual(owner.resolved, resolved);
});
