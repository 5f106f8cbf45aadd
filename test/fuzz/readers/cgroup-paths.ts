/** Paths of cgroups, whose names anybody who owns a directory may choose. */
import assert from "node:assert/strict";
import { turnCgroupPath } from "#bpf/layout/fields.ts";
import { readCgroupIdentity } from "#receiver/containers/cgroup-identity.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

const id = "3f1c0a9be5d24c7b8a6f0e1d2c3b4a5968778695a4b3c2d1e0f1a2b3c4d5e6f7";
const pod = "0e1c7a52_8f7b_4f6e_9a53_2d8f1c7e6b10";
const paths = [
  `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod}.slice/cri-containerd-${id}.scope`,
  `/kubepods/besteffort/pod${pod.replaceAll("_", "-")}/${id}/init.scope`,
  `/system.slice/containerd.service/kubepods-burstable-pod${pod}.slice:cri-containerd:${id}`,
  `/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-${id}/init.scope`,
  `/machine.slice/machine-my\\x2dname.scope/payload`,
  "/machine.slice/systemd-nspawn@image.service/supervisor",
  "/lxc.payload.web/system.slice/ssh.service",
  `/docker/${id}/docker/${id}`,
];

export const cgroupPaths: FuzzedReader = {
  name: "cgroup-paths",
  seeds: () => paths.map((path) => Buffer.from(path)),
  read(bytes) {
    const path = Buffer.from(bytes).toString("utf8");
    const { containers, pod: inPod, unit } = readCgroupIdentity(path);
    const levels = path.split("/").filter(Boolean).length;
    assert.ok(containers.length <= levels, "a container has a directory of its own");
    for (const container of containers) assert.notEqual(container.id, "");
    assert.ok(unit === undefined || path.includes(unit), "a unit's name comes from the path");
    assert.ok(inPod === undefined || containers.length === 0, "a pod's own cgroup is in no container");
    // As the kernel half writes it, leaf first and whole, and as it is where there was no room for the rest.
    assert.equal(turnCgroupPath(`${path}/`).split("/").filter(Boolean).length, levels);
    assert.equal(turnCgroupPath(path).startsWith("…"), path !== "" && !path.endsWith("/"));
    return containers.length === 0 && inPod === undefined && unit === undefined;
  },
};
