import assert from "node:assert/strict";
import { test } from "node:test";
import answer from "../fixtures/written-pods.json" with { type: "json" };
import { PodList } from "./kubelet-pods.ts";
import { readPods } from "../fixtures/read-pods.ts";

const labels = { container: new Set<string>(), pod: new Set(["app", "absent", "__proto__"]) };
const { containers, pods } = readPods(answer, labels);

const idOf = (pod: number, container: number): string => `${pod}${String(container).padStart(63, "0")}`;
const web = {
  "k8s.pod.name": "web-6d5f7c9b8-x2x4k",
  "k8s.namespace.name": "shop",
  "k8s.pod.uid": "0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10",
  "k8s.node.name": "node-1",
  "k8s.pod.label.app": "web",
};
const named = (id: string, name: string, restarts: number): object => ({
  "container.id": id,
  "container.name": name,
  "k8s.container.name": name,
  "k8s.container.restart_count": restarts,
});
const image = (name: string, tag?: string): object => ({
  "container.image.name": name,
  ...(tag === undefined ? {} : { "container.image.tags": [tag] }),
});

const cases: readonly [what: string, id: string, expected: object][] = [
  [
    "an init container that has ended",
    idOf(1, 1),
    { ...named(idOf(1, 1), "migrate", 0), ...image("registry.local:5000/shop/migrate", "7") },
  ],
  [
    "a container that was started again",
    idOf(1, 3),
    { ...named(idOf(1, 3), "web", 4), ...image("docker.io/library/nginx", "1.25") },
  ],
  [
    "the one before it, which was killed",
    idOf(1, 2),
    { ...named(idOf(1, 2), "web", 3), ...image("docker.io/library/nginx", "1.25") },
  ],
  ["one that waits after a crash", idOf(1, 4), named(idOf(1, 4), "worker", 11)],
  [
    "an ephemeral container",
    idOf(1, 5),
    { ...named(idOf(1, 5), "debugger", 0), ...image("docker.io/library/busybox", "1.36") },
  ],
];

for (const [what, id, expected] of cases) {
  test(`the kubelet's answer has ${what}`, () => {
    assert.deepEqual(containers.get(id), { ...expected, ...web });
  });
}

test("a pod with the host's network is like any other, by its cgroups", () => {
  assert.equal(containers.get(idOf(2, 1))?.["k8s.pod.name"], "node-exporter-9zq7c");
});

test("pods whose containers do not run yet are known by their uid", () => {
  assert.equal(pods.get("5c0b8a1e-1111-4222-8333-944445555666")?.["k8s.pod.name"], "pending");
  assert.equal(pods.get("0123456789abcdef0123456789abcdef")?.["k8s.pod.name"], "etcd-node-1");
  assert.equal(pods.size, 4);
});

test("a node without pods has none, and parts that are missing or odd cost only themselves", () => {
  assert.equal(readPods({ items: null }, labels).pods.size, 0);
  const odd = [
    null,
    7,
    {},
    { metadata: { uid: 5 } },
    { status: { containerStatuses: [{}, { containerID: "x" }] } },
  ];
  assert.equal(readPods({ items: odd }, labels).containers.size, 0);
});

for (const garbage of [{}, { items: "none" }, { kind: "items", other: [] }]) {
  test(`${JSON.stringify(garbage)} is refused as no list of pods`, () => {
    assert.throws(() => readPods(garbage, labels), { name: "TypeError", message: /no list of pods/ });
  });
}

for (const garbage of [null, "pods", 7, []]) {
  test(`${JSON.stringify(garbage)} is refused as no JSON object`, () => {
    assert.throws(() => readPods(garbage, labels), { name: "SyntaxError", message: /no JSON object/ });
  });
}

for (const pieceBytes of [1, 7, 4096]) {
  test(`the same pods come out of pieces of ${pieceBytes} bytes`, () => {
    assert.deepEqual(readPods(answer, labels, pieceBytes), { containers, pods });
  });
}

test("quotation marks, brackets and characters beyond ASCII in a pod's labels do not end it", () => {
  const odd = ['"items":[', '\\"}]', "größe ]}", "\\"];
  const items = odd.map((app, index) => ({ metadata: { uid: `uid-${index}`, labels: { app } } }));
  const { pods: found } = readPods(
    { '\\"items': [{}], apiVersion: "v1", items, more: [{ metadata: 1 }] },
    labels,
    3,
  );
  assert.deepEqual(
    [...found.values()].map((pod) => pod["k8s.pod.label.app"]),
    odd,
  );
});

test("a list that ends in the middle is refused, and so is a pod of more than 4 MiB", () => {
  const list = new PodList(labels);
  list.take(Buffer.from('{"items":[{"metadata":{'));
  assert.throws(() => list.finish(), SyntaxError);
  const endless = new PodList(labels);
  endless.take(Buffer.from('{"items":[{"metadata":"'));
  assert.throws(() => {
    for (;;) endless.take(Buffer.alloc(1 << 20, "x"));
  }, RangeError);
});
