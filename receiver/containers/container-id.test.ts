import assert from "node:assert/strict";
import { test } from "node:test";
import { containerIdOf } from "./container-id.ts";

const id = "3f1c0a9be5d24c7b8a6f0e1d2c3b4a5968778695a4b3c2d1e0f1a2b3c4d5e6f7";
const other = "a".repeat(64);
const pod = "kubepods-burstable-pod0e1c7a52_8f7b_4f6e_9a53_2d8f1c7e6b10.slice";

const cases: readonly [what: string, path: string, expected: string | undefined][] = [
  ["docker, cgroupfs driver", `/docker/${id}`, id],
  ["docker, systemd driver", `/system.slice/docker-${id}.scope`, id],
  [
    "containerd in Kubernetes",
    `/kubepods.slice/kubepods-burstable.slice/${pod}/cri-containerd-${id}.scope`,
    id,
  ],
  ["CRI-O in Kubernetes", `/kubepods.slice/${pod}/crio-${id}.scope`, id],
  ["Kubernetes, cgroupfs driver", `/kubepods/burstable/pod0e1c7a52-8f7b-4f6e-9a53-2d8f1c7e6b10/${id}`, id],
  ["podman", `/machine.slice/libpod-${id}.scope/container`, id],
  ["a cgroup made inside a container", `/docker/${id}/init.scope`, id],
  ["docker in docker", `/docker/${other}/docker/${id}`, id],
  ["a systemd unit", "/system.slice/ssh.service", undefined],
  ["an id that is too short", `/docker/${id.slice(1)}`, undefined],
  ["the root", "/", undefined],
  ["nothing", "", undefined],
];

for (const [what, path, expected] of cases) {
  test(`the container id is found for ${what}`, () => {
    assert.equal(containerIdOf(path), expected);
  });
}
