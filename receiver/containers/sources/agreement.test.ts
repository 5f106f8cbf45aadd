import assert from "node:assert/strict";
import { test } from "node:test";
import { agrees } from "./agreement.ts";
import { parseProcessCgroups } from "./process-cgroups.ts";
import type { ProcessCgroup } from "./process-cgroups.ts";
import type { ContainerPlace, Evidence } from "./source.ts";

const id = "3".repeat(64);
const uid = "0e1c7a52_8f7b_4f6e_9a53_2d8f1c7e6b10";
const slice = `kubepods-burstable-pod${uid}.slice`;
const inSlice = `/kubepods.slice/kubepods-burstable.slice/${slice}`;

const at = (path: string, isProven = false): ContainerPlace => ({ path, hierarchies: [4], isProven });
const inCgroups = (...cgroups: readonly ProcessCgroup[]): { readCgroups: () => Promise<typeof cgroups> } => ({
  readCgroups: () => Promise.resolve(cgroups),
});

const cases: readonly [
  what: string,
  path: string,
  evidence: Evidence,
  byItself: boolean,
  isRoots: boolean,
][] = [
  ["the OCI path of containerd", `/default/${id}`, { cgroupsPath: `/default/${id}` }, true, true],
  ["another OCI path", `/attack/docker/${id}`, { cgroupsPath: `/docker/${id}` }, false, false],
  [
    "a scope of systemd's",
    `${inSlice}/cri-containerd-${id}.scope`,
    { cgroupsPath: `${slice}:cri-containerd:${id}` },
    true,
    true,
  ],
  [
    "a scope in no slice of its own",
    `/system.slice/docker-${id}.scope`,
    { cgroupsPath: `:docker:${id}` },
    true,
    true,
  ],
  [
    "a scope elsewhere",
    `/a.slice/docker-${id}.scope`,
    { cgroupsPath: `system.slice:docker:${id}` },
    false,
    false,
  ],
  [
    "systemd's form as a directory",
    `/system.slice/c.service/${slice}:cri-containerd:${id}`,
    { cgroupsPath: `${slice}:cri-containerd:${id}` },
    false,
    true,
  ],
  [
    "a path of the runtime's own",
    `/system.slice/docker.service/x/${id}`,
    { cgroupsPath: `x/${id}` },
    false,
    true,
  ],
  ["Docker's parent", `/ci/${id}`, { cgroupParent: "/ci" }, true, true],
  [
    "Docker's slice",
    `/ci.slice/ci-nightly.slice/docker-${id}.scope`,
    { cgroupParent: "ci-nightly.slice" },
    true,
    true,
  ],
  ["another parent", `/attack/${id}`, { cgroupParent: "/ci" }, false, false],
  ["no parent", `/docker/${id}`, { pid: 0, cgroupParent: "" }, false, true],
  ["nothing", `/docker/${id}`, {}, false, true],
];

for (const [what, path, evidence, byItself, isRoots] of cases)
  test(`${what} ${byItself ? "agrees" : isRoots ? "says nothing by itself" : "disagrees"}`, async () => {
    assert.equal(await agrees(at(path), evidence), byItself);
    assert.equal(await agrees(at(path, true), evidence), isRoots);
  });

test("a process of the container says where it is, in the hierarchy that was meant, before any path does", async () => {
  const path = `/docker/${id}`;
  const evidence = { pid: 7, cgroupParent: "/elsewhere" };
  const inside = inCgroups({ hierarchy: 4, path: `${path}/init.scope` }, { hierarchy: 0, path: "/" });
  assert.equal(await agrees(at(path), evidence, inside), true);
  const outside = inCgroups({ hierarchy: 4, path: "/docker/other" }, { hierarchy: 0, path });
  assert.equal(await agrees(at(path, true), evidence, outside), false);
  // It has ended: the path is left.
  assert.equal(await agrees(at(path, true), evidence, inCgroups()), false);
});

test("the pod of the answer is that of the path", async () => {
  const place = at(`${inSlice}/${id}`, true);
  assert.equal(await agrees(place, { podUid: "1" }, { podUid: "1" }), true);
  assert.equal(await agrees(place, { podUid: "2" }, { podUid: "1" }), false);
});

test("of a process's cgroups the roots, where one goes that has ended, say nothing", () => {
  const text = `12:memory:/docker/${id} (deleted)\n4:cpu,cpuacct:/\n0::/user.slice/a:b\n\n`;
  assert.deepEqual(parseProcessCgroups(text), [
    { hierarchy: 12, path: `/docker/${id}` },
    { hierarchy: 0, path: "/user.slice/a:b" },
  ]);
});
