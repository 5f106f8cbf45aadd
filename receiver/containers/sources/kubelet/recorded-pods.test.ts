/** A real kubelet's answer: what it says of containers that run, wait, crash and have ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import answer from "../fixtures/recorded-pods.json" with { type: "json" };
import { readPods } from "../fixtures/read-pods.ts";

const { containers, pods } = readPods(answer, { container: new Set(), pod: new Set(["app"]) });

interface Status {
  readonly name: string;
  readonly containerID?: string;
  readonly state: object;
  readonly lastState: { readonly terminated?: { readonly containerID: string } };
}

function statusOf(pod: string, name: string): Status {
  const { status } = answer.items.find(({ metadata }) => metadata.labels.app === pod) ?? {};
  const all: Status[] = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const found = all.find((each) => each.name === name);
  assert.ok(found);
  return found;
}

const idOf = (text: string | undefined): string => text?.replace("containerd://", "") ?? "";

const cases: readonly [what: string, pod: string, name: string, restarts: number, state: string][] = [
  ["an init container that has ended", "web", "migrate", 0, "terminated"],
  ["a container that runs", "web", "web", 0, "running"],
  ["one that was started again", "web", "cache", 1, "running"],
  ["one that waits after a crash", "web", "worker", 2, "waiting"],
  ["one that was killed for want of memory, and waits", "hog", "hog", 2, "waiting"],
  ["one with the host's network", "node-exporter", "exporter", 0, "running"],
  ["one that has ended for good", "report", "report", 0, "terminated"],
  ["an init container that runs", "pending", "wait", 0, "running"],
];

for (const [what, pod, name, restarts, state] of cases) {
  test(`a kubelet's answer has ${what}`, () => {
    const status = statusOf(pod, name);
    assert.deepEqual(Object.keys(status.state), [state]);
    const id = idOf(status.containerID);
    assert.deepEqual(containers.get(id), {
      "container.id": id,
      "container.name": name,
      "k8s.container.name": name,
      "k8s.container.restart_count": restarts,
      "container.image.name": "kerntel.test/busybox",
      "container.image.tags": ["1"],
      "k8s.pod.name": `${pod}-node-1`,
      "k8s.namespace.name": pod === "node-exporter" ? "monitoring" : "shop",
      "k8s.pod.uid": answer.items.find(({ metadata }) => metadata.labels.app === pod)?.metadata.uid,
      "k8s.node.name": "node-1",
      "k8s.pod.label.app": pod,
    });
  });
}

test("the run before the one that runs now has one restart less", () => {
  const id = idOf(statusOf("web", "cache").lastState.terminated?.containerID);
  assert.notEqual(id, idOf(statusOf("web", "cache").containerID));
  assert.equal(containers.get(id)?.["k8s.container.restart_count"], 0);
});

test("all of its pods are known, and no container but those that were started", () => {
  assert.equal(pods.size, answer.items.length);
  assert.equal(containers.size, 9);
});
