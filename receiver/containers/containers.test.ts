/** Sources that change while the program runs; nothing here needs the kernel. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { FakeDocker } from "#test/provoke/fake-docker.ts";
import { Containers } from "./containers.ts";
import { readSection } from "./fixtures/containers-section.ts";
import type { ContainersSection } from "./fixtures/containers-section.ts";
import type { About } from "./resolved-subject.ts";

const id = "3".repeat(64);
const subject = { kind: "cgroup", id: 1n, path: `/docker/${id}` } as const;

async function startDocker(context: TestContext, name: string): Promise<FakeDocker> {
  const docker = await FakeDocker.start(name, "/docker");
  context.after(() => {
    docker[Symbol.dispose]();
  });
  return docker;
}

const others = Object.fromEntries(
  (["containerd", "cri", "podman", "kubelet"] as const).map((name) => [name, { enabled: false }]),
);
const ask = (socket: string, section: ContainersSection = {}): ReturnType<typeof readSection> =>
  readSection({ ...others, docker: { socket }, container_labels: ["team"], ...section });

function start(context: TestContext, config: ReturnType<typeof ask>): Containers {
  const missingRequirement = "this test needs none of the kernel";
  const containers = new Containers({ config, log: { warn: () => {} }, missingRequirement });
  context.after(() => containers[Symbol.asyncDispose]());
  return containers;
}

async function settle(about: About): Promise<About["resolved"]> {
  while (about.isPending) await nextTurn();
  return about.resolved;
}

test("another source tells anew of what is remembered, and what was known stays until then", async (context) => {
  const [one, two] = [await startDocker(context, "one"), await startDocker(context, "two")];
  const containers = start(context, ask(one.socket));
  assert.equal((await settle(containers.about(subject))).attributes["container.name"], "one");
  containers.reload(ask(two.socket));
  const about = containers.about(subject);
  assert.deepEqual([about.isPending, about.resolved.attributes["container.name"]], [true, "one"]);
  assert.equal((await settle(about)).attributes["container.name"], "two");
  assert.equal(containers.counts().sources.get("docker")?.answered, 2);
});

test("a source whose settings are the same keeps its connection and is not asked again", async (context) => {
  const docker = await startDocker(context, "one");
  const containers = start(context, ask(docker.socket));
  await settle(containers.about(subject));
  containers.reload(ask(docker.socket, { wait_ms: 1, podman: { enabled: true } }));
  assert.equal(containers.about(subject).isPending, false);
  const other = { kind: "cgroup", id: 2n, path: `/docker/${"4".repeat(64)}` } as const;
  await settle(containers.about(other));
  assert.deepEqual([docker.asked, docker.connections], [2, 1]);
});

test("labels are told and forgotten as the list of them changes", async (context) => {
  const { socket } = await startDocker(context, "one");
  const containers = start(context, ask(socket));
  assert.equal((await settle(containers.about(subject))).attributes["container.label.team"], "checkout");
  containers.reload(ask(socket, { container_labels: ["stage"] }));
  assert.equal(containers.about(subject).resolved.attributes["container.label.team"], undefined);
  assert.equal((await settle(containers.about(subject))).attributes["container.label.stage"], "test");
});

test("what one told that is switched off stays, and new containers have what their path says", async (context) => {
  const docker = await startDocker(context, "one");
  const containers = start(context, ask(docker.socket));
  await settle(containers.about(subject));
  containers.reload(ask(docker.socket, { docker: { enabled: false } }));
  const known = containers.about(subject);
  assert.deepEqual([known.isPending, known.resolved.attributes["container.name"]], [false, "one"]);
  const other = { kind: "cgroup", id: 2n, path: `/docker/${"4".repeat(64)}` } as const;
  const about = containers.about(other);
  assert.deepEqual([about.isPending, about.resolved.attribution, docker.asked], [false, "path", 1]);
});

test("questions that wait for a source that is closed wait no longer", async (context) => {
  const [one, two] = [await startDocker(context, "one"), await startDocker(context, "two")];
  const containers = start(context, ask(one.socket));
  const about = containers.about(subject);
  assert.equal(about.isPending, true);
  containers.reload(ask(two.socket));
  assert.equal((await settle(about)).attributes["container.name"], "two");
  containers.reload(ask(two.socket, { docker: { enabled: false } }));
  assert.equal(one.asked, 0);
});
