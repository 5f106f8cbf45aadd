/** Cgroups as every runtime makes them, on whatever hierarchy this kernel has: who it is about is in the path. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { dropInNamespace } from "../provoke/namespace-drop.ts";
import { provokeOom } from "#events/oom/provoke.ts";
import { assertDeclared } from "./assertions.ts";
import { liveTest } from "./live-test.ts";
import { findFreePort, readMetric } from "./running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const uid = randomUUID();
const inSlice = uid.replaceAll("-", "_");
const top = `kerntel-test-${process.pid}`;
const pods = `/${top}/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${inSlice}.slice`;

const longUnit = `${`${top}-`.padEnd(192, "u")}.service`;
const longName = "l".repeat(255);
/** 1,400 bytes and 14 levels: neither a record nor the tracepoint has room for it. */
const deep = `/${"d".repeat(99)}`.repeat(14);

type Attributes = Readonly<Record<string, string>>;

const of = (runtime?: string): ((id: string) => Attributes) => {
  return (id) => ({
    "container.id": id,
    ...(runtime === undefined ? {} : { "container.runtime.name": runtime }),
  });
};
const inPod = (runtime: string | undefined, qosClass: string): ((id: string) => Attributes) => {
  return (id) => ({ ...of(runtime)(id), "k8s.pod.uid": uid, "kerntel.pod.qos_class": qosClass });
};
const machine = (name: string, runtime: string): Attributes => ({
  "container.id": name,
  "container.runtime.name": runtime,
});

const cases: readonly [what: string, path: (id: string) => string, expected: (id: string) => Attributes][] = [
  ["docker", (id) => `/${top}/docker/${id}`, of("docker")],
  ["docker with systemd", (id) => `/${top}/system.slice/docker-${id}.scope`, of("docker")],
  [
    "containerd in a pod with systemd",
    (id) => `${pods}/cri-containerd-${id}.scope`,
    inPod("containerd", "burstable"),
  ],
  [
    "containerd in a pod",
    (id) => `/${top}/kubepods/besteffort/pod${uid}/${id}`,
    inPod(undefined, "besteffort"),
  ],
  ["CRI-O with crun", (id) => `${pods}/crio-${id}.scope/container`, inPod("cri-o", "burstable")],
  ["nerdctl", (id) => `/${top}/system.slice/nerdctl-${id}.scope`, of("containerd")],
  ["podman", (id) => `/${top}/machine.slice/libpod-${id}.scope/container`, of("podman")],
  ["systemd in a container", (id) => `/${top}/docker/${id}/system.slice/ssh.service`, of("docker")],
  [
    "systemd-nspawn",
    () => `/${top}/systemd-nspawn@web.service/payload`,
    () => machine("web", "systemd-nspawn"),
  ],
  ["LXC", () => `/${top}/lxc.payload.web/init.scope`, () => machine("web", "lxc")],
  ["podman by Quadlet", (id) => `/${top}/web.service/libpod-payload-${id}/init.scope`, of("podman")],
  [
    "containerd where the drivers disagree, with a name of 144 bytes",
    (id) => `/${top}/containerd.service/kubepods-burstable-pod${inSlice}.slice:cri-containerd:${id}`,
    inPod("containerd", "burstable"),
  ],
  ["a unit with a name of 200 bytes", () => `/${longUnit}`, () => ({ "kerntel.systemd.unit": longUnit })],
  [
    "a container with names of 255 bytes in it",
    (id) => `/${top}/docker/${id}/${longName}/${longName}`,
    of("docker"),
  ],
  [
    "a container with a name of 400 bytes in it",
    (id) => `/${top}/docker/${id}/${"n".repeat(400)}`,
    of("docker"),
  ],
  [
    "a container that is deep and whose path the kernel cuts",
    (id) => `/${top}/docker/${id}${deep}`,
    of("docker"),
  ],
  ["a systemd unit", () => `/${top}.service`, () => ({ "kerntel.systemd.unit": `${top}.service` })],
];

async function findKill(kerntel: RunningKerntel, path: string): Promise<StoredLine> {
  return waitUntil(`the kill in ${path}`, async () =>
    (await kerntel.look({ event: "kerntel.oom" })).find(
      ({ attributes }) => attributes["kerntel.victim.cgroup.path"] === path,
    ),
  );
}

const ofSubject = /^(container|k8s|kerntel)\./;

for (const [what, path, expected] of cases) {
  liveTest(`a kill in the cgroup of ${what} is about it`, async () => {
    const kerntel = await shareKerntel("      oom: {}");
    const { containerId, cgroupPath } = await provokeOom(path);
    const line = await findKill(kerntel, cgroupPath);
    const told = Object.entries(line.resource).filter(([name]) => ofSubject.test(name));
    assert.deepEqual(Object.fromEntries(told), expected(containerId));
    assert.equal(line.attributes["kerntel.attribution"], "path");
    assert.equal(line.attributes["kerntel.cgroup.path_truncated"], undefined);
    assertDeclared([line]);
  });
}

liveTest("a kill in a container within a container is the outer one's, and names the inner one", async () => {
  const kerntel = await shareKerntel("      oom: {}");
  const outer = "d".repeat(64);
  const { containerId, cgroupPath } = await provokeOom((id) => `/${top}/docker/${outer}/docker/${id}`);
  const line = await findKill(kerntel, cgroupPath);
  assert.equal(line.resource["container.id"], outer);
  assert.equal(line.attributes["kerntel.container.nested.id"], containerId);
  assertDeclared([line]);
});

liveTest("a drop in the network namespace of a pod's container is about the pod", async () => {
  const kerntel = await shareKerntel("      dropwatch: { limit_per_second: 0, window_seconds: 0 }");
  const port = await findFreePort();
  await dropInNamespace(`/${top}/kubepods/burstable/pod${uid}/${"e".repeat(64)}`, port);
  const line = await waitUntil("the drop", async () =>
    (await kerntel.look({ event: "kerntel.dropwatch" })).find(
      ({ attributes }) => attributes["destination.port"] === port,
    ),
  );
  const told = Object.entries(line.resource).filter(([name]) => ofSubject.test(name));
  assert.deepEqual(Object.fromEntries(told), { "k8s.pod.uid": uid, "kerntel.pod.qos_class": "burstable" });
});

liveTest("every record's cgroup was found, and by its id", async () => {
  const kerntel = await shareKerntel("      oom: {}");
  await findKill(kerntel, (await provokeOom()).cgroupPath);
  const lookups = readMetric(await kerntel.metrics(), "kerntel_cgroup_lookups_total");
  assert.ok((lookups.get('{kerntel_cgroup_lookup_result="id"}') ?? 0) > 0);
  assert.equal(lookups.get('{kerntel_cgroup_lookup_result="none"}'), 0);
});
