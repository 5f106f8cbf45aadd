/** Real containers of a real containerd: whatever happens to them is told under their name, however short they lived. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after } from "node:test";
import type { TestContext } from "node:test";
import { IMAGE_NAME, IMAGE_TAG } from "../provoke/busybox-image.ts";
import { TestContainerd } from "../provoke/containerd.ts";
import { provokeOom } from "#events/oom/provoke.ts";
import { TestPod } from "../provoke/pod.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel, findFreePort, readMetric } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;
/** `tail` keeps the last line, and /dev/zero has only one. */
const hog = ["/bin/tail", "/dev/zero"];

function containerTest(title: string, run: (context: TestContext) => Promise<void>): void {
  liveTest(title, async (context) => {
    if (isDisposable) context.skip("NOT TESTED: a virtual machine has no containerd");
    else await run(context);
  });
}

let stack: Promise<{ readonly containerd: TestContainerd; readonly kerntel: RunningKerntel }> | undefined;

/** One of each for all tests: they take seconds to start. */
function shareStack(): NonNullable<typeof stack> {
  stack ??= start();
  return stack;
}

async function start(): Promise<Awaited<NonNullable<typeof stack>>> {
  const containerd = await TestContainerd.start();
  const kerntel = await RunningKerntel.start({
    events: "      dropwatch: { limit_per_second: 0, window_seconds: 0 }\n      oom: {}",
    containers: `      container_labels: [team]
      pod_labels: [app]
      containerd: { address: ${containerd.socket} }
      cri: { endpoint: "unix://${containerd.socket}" }`,
  });
  return { containerd, kerntel };
}

after(async () => {
  const started = await stack;
  await started?.kerntel[Symbol.asyncDispose]();
  await started?.containerd[Symbol.asyncDispose]();
});

async function findRecord(
  kerntel: RunningKerntel,
  what: string,
  matches: (line: StoredLine) => boolean,
): Promise<StoredLine> {
  const line = await waitUntil(`${what} in the local log`, async () =>
    (await kerntel.look({})).find(matches),
  );
  assertDeclared([line]);
  return line;
}

const isOomBelow =
  (path: string) =>
  ({ event, attributes }: StoredLine): boolean =>
    event === "kerntel.oom" && String(attributes["kerntel.victim.cgroup.path"]).startsWith(path);

containerTest(
  "a container that lives for moments and is gone with its cgroup has its name and image",
  async (context) => {
    const { containerd, kerntel } = await shareStack();
    const id = "short-lived";
    const labels = { team: "checkout", secret: "no" };
    await containerd.run({ id, command: hog, memoryLimitBytes: LIMIT_BYTES, labels });
    assert.equal(existsSync(`/sys/fs/cgroup/memory${containerd.cgroupPath(id)}`), false);
    const line = await findRecord(kerntel, "the kill", isOomBelow(containerd.cgroupPath(id)));
    const { resource, attributes } = line;
    assert.deepEqual(pick(resource, /^container|^k8s/), {
      "container.id": id,
      "container.name": id,
      "container.runtime.name": "containerd",
      "container.image.name": IMAGE_NAME,
      "container.image.tags": [IMAGE_TAG],
      "container.label.team": "checkout",
    });
    assert.equal(attributes["kerntel.attribution"], "resolved");
    const livedMs = Date.parse(line.time) - Date.parse(String(attributes["process.creation.time"]));
    context.diagnostic(`the container's process lived for ${livedMs} ms`);
  },
);

containerTest("a container of a pod has the pod's name, labels and its own restarts", async () => {
  const { containerd, kerntel } = await shareStack();
  const cgroupParent = containerd.cgroupPath("").replace(/\/$/, "");
  using pod = await TestPod.start(containerd.socket, {
    name: "web-1",
    labels: { app: "web", other: "x" },
    cgroupParent,
  });
  const id = await pod.startContainer({
    name: "main",
    command: hog,
    memoryLimitBytes: LIMIT_BYTES,
    attempt: 3,
  });
  const line = await findRecord(kerntel, "the kill", ({ resource }) => resource["container.id"] === id);
  assert.deepEqual(pick(line.resource, /^container|^k8s|^kerntel/), {
    "container.id": id,
    "container.name": "main",
    "container.runtime.name": "containerd",
    "container.image.name": IMAGE_NAME,
    "container.image.tags": [IMAGE_TAG],
    "k8s.pod.uid": pod.uid,
    "k8s.pod.name": "web-1",
    "k8s.namespace.name": "shop",
    "k8s.container.name": "main",
    "k8s.container.restart_count": 3,
    "k8s.pod.label.app": "web",
    "kerntel.pod.qos_class": "burstable",
  });
  assert.equal(line.attributes["kerntel.attribution"], "resolved");
});

const isDropAt =
  (port: number) =>
  ({ event, attributes }: StoredLine): boolean =>
    event === "kerntel.dropwatch" && attributes["destination.port"] === port;

/** Asks for a connection to a port that nobody listens on, where it runs. */
const caller = (port: number): string[] => ["/bin/nc", "-w", "1", "127.0.0.1", String(port)];

containerTest(
  "a drop in a pod's network namespace is about the pod, and one in the node's is not",
  async () => {
    const { containerd, kerntel } = await shareStack();
    const cgroupParent = containerd.cgroupPath("").replace(/\/$/, "");
    for (const hostNetwork of [false, true]) {
      const port = await findFreePort();
      using pod = await TestPod.start(containerd.socket, { name: "caller", hostNetwork, cgroupParent });
      await pod.startContainer({ name: "main", command: caller(port) });
      const line = await findRecord(kerntel, "the drop", isDropAt(port));
      assert.equal(line.attributes["kerntel.dropwatch.reason"], "NO_SOCKET");
      assert.equal(line.resource["k8s.pod.uid"], hostNetwork ? undefined : pod.uid);
      assert.equal(line.resource["k8s.pod.name"], hostNetwork ? undefined : "caller");
      assert.equal(line.resource["container.id"], undefined);
      assert.equal(line.attributes["kerntel.attribution"], "resolved");
    }
  },
);

containerTest("a drop in a container's own network namespace is about the container", async () => {
  const { containerd, kerntel } = await shareStack();
  const port = await findFreePort();
  const script = `ip link set lo up && nc -w 1 127.0.0.1 ${port}`;
  const id = "caller";
  await containerd.run({ id, command: ["/bin/sh", "-c", script], capabilities: ["CAP_NET_ADMIN"] });
  const line = await findRecord(kerntel, "the drop", isDropAt(port));
  assert.equal(line.resource["container.id"], id);
  assert.equal(line.resource["container.image.name"], IMAGE_NAME);
  assert.equal(line.attributes["kerntel.attribution"], "resolved");
});

containerTest("while containerd is away records keep their container's id, and it is told once", async () => {
  const { containerd, kerntel } = await shareStack();
  const answers = async (answer: string): Promise<number> =>
    readMetric(await kerntel.metrics(), "kerntel_container_lookups_total").get(
      `{kerntel_container_source="containerd",kerntel_container_lookup_result="${answer}"}`,
    ) ?? 0;
  assert.ok((await answers("answered")) > 0);
  assert.equal(await answers("failed"), 0);
  await containerd[Symbol.asyncDispose]();
  for (let kill = 0; kill < 2; kill++) {
    const { containerId } = await provokeOom();
    const line = await findRecord(
      kerntel,
      "the kill",
      ({ resource }) => resource["container.id"] === containerId,
    );
    assert.equal(line.attributes["kerntel.attribution"], "path");
  }
  assert.ok((await answers("failed")) > 0);
  assert.equal(kerntel.err.split("containerd does not tell about containers").length, 2);
  assert.equal(readMetric(await kerntel.metrics(), "kerntel_cgroup_lost_changes_total").get(""), 0);
  await assertBooksClose(kerntel, "oom");
});

function pick(attributes: StoredLine["resource"], pattern: RegExp): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => pattern.test(name)));
}
