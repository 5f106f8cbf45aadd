import assert from "node:assert/strict";
import { test } from "node:test";
import { Owner } from "./owner.ts";

test("what several tell is laid together, and what is known from the path stays", () => {
  const owner = new Owner("1", {
    kind: "container",
    fromPath: { "container.id": "1", "kerntel.pod.qos_class": "burstable" },
  });
  assert.deepEqual([owner.resolved.attribution, owner.isKnown], ["path", false]);
  owner.learn({ name: "kubelet", trust: 4 }, { "k8s.pod.name": "web", "k8s.container.restart_count": 2 });
  owner.learn(
    { name: "cri", trust: 3 },
    {
      "k8s.pod.name": "web",
      "k8s.container.restart_count": 1,
      "container.runtime.name": "containerd",
    },
  );
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

test("of two sources the one that is more trusted wins, whichever was the first to answer", () => {
  const answers = [
    [{ name: "first", trust: 0 }, "old"],
    [{ name: "second", trust: 1 }, "new"],
  ] as const;
  for (const order of [answers, answers.toReversed()]) {
    const owner = new Owner("1", { kind: "container", fromPath: {} });
    for (const [source, name] of order) owner.learn(source, { "container.name": name });
    assert.equal(owner.resolved.attributes["container.name"], "new");
  }
});

test("the same news keeps the same object, other news makes another", () => {
  const owner = new Owner("1", { kind: "container", fromPath: {} });
  owner.learn({ name: "docker", trust: 1 }, { "container.name": "a", "container.image.tags": ["1"] });
  const { resolved } = owner;
  owner.learn({ name: "docker", trust: 1 }, { "container.name": "a", "container.image.tags": ["1"] });
  assert.equal(owner.resolved, resolved);
  owner.learn({ name: "docker", trust: 1 }, { "container.name": "a", "container.image.tags": ["2"] });
  assert.notEqual(owner.resolved, resolved);
});

test("what one told stays until another of its name tells, who counts as not having told", () => {
  const owner = new Owner("1", { kind: "container", fromPath: {} });
  const [before, after] = [
    { name: "docker", trust: 1 },
    { name: "docker", trust: 1 },
  ] as const;
  owner.learn(before, { "container.name": "a" });
  const { resolved } = owner;
  assert.deepEqual([owner.isToldBy(before), owner.isToldBy(after)], [true, false]);
  owner.learn(after, { "container.name": "a" });
  assert.deepEqual([owner.isToldBy(before), owner.isToldBy(after)], [false, true]);
  assert.equal(owner.resolved, resolved);
});

test("one who knows only a part yet adds it to what is known, and counts as not having told", () => {
  const owner = new Owner("1", { kind: "container", fromPath: {} });
  const [before, after] = [
    { name: "kubelet", trust: 4 },
    { name: "kubelet", trust: 4 },
  ] as const;
  owner.learn(before, { "k8s.pod.name": "web", "k8s.container.name": "worker" });
  owner.learn(after, { "k8s.pod.name": "web", "k8s.node.name": "node-1" }, true);
  assert.deepEqual(owner.resolved.attributes, {
    "k8s.pod.name": "web",
    "k8s.container.name": "worker",
    "k8s.node.name": "node-1",
  });
  assert.equal(owner.isToldBy(after), false);
});

test("attributes that are not wanted any longer are forgotten, and nothing else changes", () => {
  const owner = new Owner("1", { kind: "container", fromPath: { "container.id": "1" } });
  const source = { name: "docker", trust: 1 } as const;
  owner.learn(source, { "container.name": "a", "container.label.team": "shop" });
  const { resolved } = owner;
  owner.keepOnly(() => true);
  assert.equal(owner.resolved, resolved);
  owner.keepOnly((name) => name !== "container.label.team");
  assert.deepEqual(owner.resolved.attributes, { "container.id": "1", "container.name": "a" });
  assert.equal(owner.isToldBy(source), true);
});
