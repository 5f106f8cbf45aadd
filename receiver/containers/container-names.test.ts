/** Names that podman, builds, LXC and nspawn give to the cgroups of their containers; of others in cgroup-identity.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readCgroupIdentity } from "./cgroup-identity.ts";
import type { CgroupIdentity } from "./cgroup-identity.ts";

const id = "3f1c0a9be5d24c7b8a6f0e1d2c3b4a5968778695a4b3c2d1e0f1a2b3c4d5e6f7";
const other = "a".repeat(64);
const build = "jvifp9a6b1lxa1kuw8bwfcovf";

const podman: CgroupIdentity = { containers: [{ id, runtime: "podman" }] };
const nothing: CgroupIdentity = { containers: [] };

const cases: readonly [what: string, path: string, expected: CgroupIdentity][] = [
  ["podman", `/machine.slice/libpod-${id}.scope/container`, podman],
  [
    "podman, rootless",
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`,
    podman,
  ],
  ["podman, driver cgroupfs", `/libpod_parent/libpod-${id}`, podman],
  ["podman, bare", `/libpod_parent/${id}`, podman],
  ["podman by Quadlet", `/system.slice/web.service/libpod-payload-${id}`, podman],
  [
    "podman by Quadlet, with systemd inside",
    `/system.slice/web.service/libpod-payload-${id}/init.scope`,
    podman,
  ],
  [
    "podman by Quadlet, with a service inside",
    `/system.slice/web.service/libpod-payload-${id}/system.slice/ssh.service`,
    podman,
  ],
  [
    "podman by Quadlet with crun, which adds a level",
    `/system.slice/web.service/libpod-payload-${id}/container`,
    podman,
  ],
  [
    "podman by Quadlet, rootless",
    `/user.slice/user-1000.slice/user@1000.service/app.slice/app-web.slice/web@8000.service/libpod-payload-${id}/init.scope`,
    podman,
  ],
  ["podman by Quadlet in a pod", `/system.slice/web-pod.service/libpod-payload-${id}`, podman],
  [
    "podman by Quadlet in a container",
    `/docker/${other}/system.slice/web.service/libpod-payload-${id}`,
    {
      containers: [
        { id, runtime: "podman" },
        { id: other, runtime: "docker" },
      ],
    },
  ],
  [
    "podman with a session's split cgroup",
    `/user.slice/user-0.slice/session-3.scope/libpod-payload-${id}`,
    podman,
  ],
  [
    "podman's monitor and network by Quadlet",
    "/system.slice/web.service/runtime",
    { containers: [], unit: "web.service" },
  ],
  [
    "podman's monitor by Quadlet, before 5.0",
    "/system.slice/web.service/supervisor",
    { containers: [], unit: "web.service" },
  ],
  [
    "a unit that podman runs in, where the drivers disagree",
    `/machine.slice/machine.slice:libpod:${id}`,
    podman,
  ],
  ["a build by docker", `/docker/buildkit/${build}`, { containers: [{ id: build, runtime: "buildkit" }] }],
  [
    "a build by docker where the drivers disagree",
    `/system.slice/system.slice:docker:${build}`,
    { containers: [{ id: build, runtime: "buildkit" }] },
  ],
  [
    "a build in a container",
    `/docker/${other}/buildkit/${build}`,
    {
      containers: [
        { id: build, runtime: "buildkit" },
        { id: other, runtime: "docker" },
      ],
    },
  ],
  ["podman in a pod", `/machine.slice/machine-libpod_pod_${other}.slice/libpod-${id}.scope`, podman],
  [
    "systemd-nspawn",
    "/machine.slice/systemd-nspawn@web\\x2d1.service/payload",
    { containers: [{ id: "web-1", runtime: "systemd-nspawn" }] },
  ],
  [
    "systemd-nspawn by hand",
    "/machine.slice/machine-debian.scope/system.slice/ssh.service",
    { containers: [{ id: "debian", runtime: "systemd-nspawn" }] },
  ],
  [
    "LXC 4 and newer",
    "/lxc.payload.web/system.slice/nginx.service",
    { containers: [{ id: "web", runtime: "lxc" }] },
  ],
  ["LXC 3", "/lxc.payload/web", { containers: [{ id: "web", runtime: "lxc" }] }],
  ["LXC 2", "/lxc/web/init.scope", { containers: [{ id: "web", runtime: "lxc" }] }],
  ["LXC 3, monitor", "/lxc.monitor/web", nothing],
  [
    "LXC in a container of LXC",
    "/lxc.payload.web/lxc.payload.inner/init.scope",
    {
      containers: [
        { id: "inner", runtime: "lxc" },
        { id: "web", runtime: "lxc" },
      ],
    },
  ],
  [
    "LXC, rootless",
    "/user.slice/user-1000.slice/user@1000.service/lxc.payload.web",
    { containers: [{ id: "web", runtime: "lxc" }] },
  ],
  [
    "systemd-nspawn with systemd inside",
    "/machine.slice/systemd-nspawn@web.service/payload/system.slice/ssh.service",
    { containers: [{ id: "web", runtime: "systemd-nspawn" }] },
  ],
  [
    "systemd-nspawn with a name that is not ASCII",
    "/machine.slice/systemd-nspawn@gr\\xc3\\xbc\\xc3\\x9fe.service/payload",
    { containers: [{ id: "grüße", runtime: "systemd-nspawn" }] },
  ],
  [
    "systemd-nspawn by hand, its supervisor",
    "/machine.slice/machine-debian.scope/supervisor",
    { containers: [], unit: "machine-debian.scope" },
  ],
  [
    "podman's monitor",
    `/machine.slice/libpod-conmon-${id}.scope`,
    { containers: [], unit: `libpod-conmon-${id}.scope` },
  ],
  [
    "nspawn's supervisor",
    "/machine.slice/systemd-nspawn@web.service/supervisor",
    { containers: [], unit: "systemd-nspawn@web.service" },
  ],
  ["LXC's monitor", "/lxc.monitor.web", nothing],
  [
    "a virtual machine",
    "/machine.slice/machine-qemu\\x2d1\\x2ddebian.scope/libvirt",
    { containers: [], unit: "machine-qemu\\x2d1\\x2ddebian.scope" },
  ],
];

for (const [what, path, expected] of cases) {
  test(`the path tells ${what}`, () => {
    assert.deepEqual(readCgroupIdentity(path), expected);
  });
}
