import assert from "node:assert/strict";
import { test } from "node:test";
import { readCgroupIdentity } from "./cgroup-identity.ts";
import type { CgroupIdentity } from "./cgroup-identity.ts";

const id = "3f1c0a9be5d24c7b8a6f0e1d2c3b4a5968778695a4b3c2d1e0f1a2b3c4d5e6f7";
const other = "a".repeat(64);
const uid = "0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10";
const uidInSlice = uid.replaceAll("-", "_");
const staticUid = "0123456789abcdef0123456789abcdef";
const burstableSlice = `kubepods-burstable-pod${uidInSlice}.slice`;

function inPod(qosClass: string, runtime?: string, podUid = uid): CgroupIdentity {
  const pod = { uid: podUid, qosClass: qosClass as "burstable" };
  return { containers: [{ id, ...(runtime === undefined ? {} : { runtime }), pod }] };
}
const of = (runtime?: string): CgroupIdentity => ({
  containers: [{ id, ...(runtime === undefined ? {} : { runtime }) }],
});
const nothing: CgroupIdentity = { containers: [] };

const cases: readonly [what: string, path: string, expected: CgroupIdentity][] = [
  ["docker, driver cgroupfs", `/docker/${id}`, of("docker")],
  ["docker, driver systemd", `/system.slice/docker-${id}.scope`, of("docker")],
  ["docker below a parent of the user's", `/batch.slice/docker-${id}.scope`, of("docker")],
  [
    "docker, rootless",
    `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${id}.scope`,
    of("docker"),
  ],
  ["docker in Kubernetes, driver cgroupfs", `/kubepods/besteffort/pod${uid}/${id}`, inPod("besteffort")],
  [
    "docker in Kubernetes, driver systemd",
    `/kubepods.slice/kubepods-burstable.slice/${burstableSlice}/docker-${id}.scope`,
    inPod("burstable", "docker"),
  ],
  [
    "containerd in Kubernetes, driver systemd",
    `/kubepods.slice/kubepods-burstable.slice/${burstableSlice}/cri-containerd-${id}.scope`,
    inPod("burstable", "containerd"),
  ],
  ["containerd in Kubernetes, driver cgroupfs", `/kubepods/burstable/pod${uid}/${id}`, inPod("burstable")],
  [
    "containerd in Kubernetes, guaranteed",
    `/kubepods.slice/kubepods-pod${uidInSlice}.slice/cri-containerd-${id}.scope`,
    inPod("guaranteed", "containerd"),
  ],
  ["a guaranteed pod, driver cgroupfs", `/kubepods/pod${uid}/${id}`, inPod("guaranteed")],
  [
    "containerd where the drivers disagree",
    `/system.slice/containerd.service/${burstableSlice}:cri-containerd:${id}`,
    inPod("burstable", "containerd"),
  ],
  ["docker where the drivers disagree", `/system.slice:docker:${id}`, of("docker")],
  ["a static pod", `/kubepods/burstable/pod${staticUid}/${id}`, inPod("burstable", undefined, staticUid)],
  [
    "a static pod, driver systemd",
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${staticUid}.slice/crio-${id}.scope`,
    inPod("burstable", "cri-o", staticUid),
  ],
  [
    "a kubelet with a cgroup root",
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${uidInSlice}.slice/cri-containerd-${id}.scope`,
    inPod("besteffort", "containerd"),
  ],
  [
    "CRI-O, driver systemd",
    `/kubepods.slice/kubepods-burstable.slice/${burstableSlice}/crio-${id}.scope`,
    inPod("burstable", "cri-o"),
  ],
  [
    "CRI-O with crun, which adds a level",
    `/kubepods.slice/${burstableSlice}/crio-${id}.scope/container`,
    inPod("burstable", "cri-o"),
  ],
  ["CRI-O, driver cgroupfs", `/kubepods/besteffort/pod${uid}/crio-${id}`, inPod("besteffort", "cri-o")],
  ["CRI without a parent", `/k8s.io/${id}`, of()],
  ["nerdctl", `/system.slice/nerdctl-${id}.scope`, of("containerd")],
  ["nerdctl, driver cgroupfs", `/default/${id}`, of()],
  ["docker below a parent of the user's, driver cgroupfs", `/ci/nightly/${id}`, of()],
  ["docker below a slice of the user's, driver cgroupfs", `/ci.slice/${id}`, of()],
  [
    "docker below a nested slice of the user's",
    `/ci.slice/ci-nightly.slice/docker-${id}.scope/init.scope`,
    of("docker"),
  ],
  ["K3s", `/kubepods/burstable/pod${uid}/${id}`, inPod("burstable")],
  [
    "K3s, rootless",
    `/user.slice/user-1000.slice/user@1000.service/k3s-rootless.service/kubepods/besteffort/pod${uid}/${id}`,
    inPod("besteffort"),
  ],
  ["K3s itself", "/system.slice/k3s.service", { containers: [], unit: "k3s.service" }],
  [
    "a kubelet with a cgroup root, driver cgroupfs",
    `/nodes/one/kubepods/burstable/pod${uid}/${id}/init.scope`,
    inPod("burstable"),
  ],
  ["Amazon ECS", `/ecs/55091c13-b8cf-4801-b527-f4601742204d/${id}`, of()],
  ["a cgroup made inside a container", `/docker/${id}/init.scope`, of("docker")],
  ["systemd inside a container", `/docker/${id}/system.slice/ssh.service`, of("docker")],
  [
    "docker in docker",
    `/docker/${other}/docker/${id}`,
    {
      containers: [
        { id, runtime: "docker" },
        { id: other, runtime: "docker" },
      ],
    },
  ],
  [
    "a pod of a cluster inside a container",
    `/docker/${other}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${uidInSlice}.slice/cri-containerd-${id}.scope`,
    {
      containers: [
        { id, runtime: "containerd", pod: { uid, qosClass: "guaranteed" } },
        { id: other, runtime: "docker" },
      ],
    },
  ],
  [
    "docker inside a pod",
    `/kubepods/burstable/pod${uid}/${other}/docker/${id}`,
    {
      containers: [
        { id, runtime: "docker" },
        { id: other, pod: { uid, qosClass: "burstable" } },
      ],
    },
  ],
  [
    "a pod's own cgroup",
    `/kubepods.slice/${burstableSlice}`,
    { containers: [], pod: { uid, qosClass: "burstable" } },
  ],
  ["a systemd unit", "/system.slice/ssh.service", { containers: [], unit: "ssh.service" }],
  [
    "a templated unit",
    "/system.slice/system-getty.slice/getty@tty1.service",
    { containers: [], unit: "getty@tty1.service" },
  ],
  [
    "a unit with cgroups of its own",
    "/system.slice/containerd.service/kubepods",
    { containers: [], unit: "containerd.service" },
  ],
  ["a session", "/user.slice/user-0.slice/session-3.scope", { containers: [], unit: "session-3.scope" }],
  ["systemd itself", "/init.scope", { containers: [], unit: "init.scope" }],
  [
    "CRI-O's monitor",
    `/kubepods.slice/crio-conmon-${id}.scope`,
    { containers: [], unit: `crio-conmon-${id}.scope` },
  ],
  ["containerd's ctr, whose ids are any word", "/default/web", nothing],
  ["an id that is too short", `/docker/${id.slice(1)}`, nothing],
  ["a slice", "/system.slice", nothing],
  ["the root", "/", nothing],
  ["nothing", "", nothing],
];

for (const [what, path, expected] of cases) {
  test(`the path tells ${what}`, () => {
    assert.deepEqual(readCgroupIdentity(path), expected);
  });
}
