/** A user gives directories of its own cgroup the names of others' containers: no record of it is taken for theirs. */
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { provokeOom } from "#events/oom/provoke.ts";
import { FakeDocker } from "../provoke/fake-docker.ts";
import { assertDeclared } from "../live/assertions.ts";
import { liveTest } from "../live/live-test.ts";
import { RunningKerntel } from "../live/running-kerntel.ts";
import type { StoredLine } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { dieInCgroup, waitInCgroup } from "./forged-names.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

const victimId = randomBytes(32).toString("hex");
const podUid = randomUUID();
const top = `/kerntel-test-${process.pid}`;
const victimPath = `${top}/docker/${victimId}`;

const forged: readonly [what: string, path: string][] = [
  ["a scope of Docker's with the victim's id", `docker-${victimId}.scope`],
  ["the victim's id three directories deep", `a/docker/${victimId}/b`],
  ["a container of LXC", "lxc.payload.web/init.scope"],
  ["a machine of systemd-nspawn", "systemd-nspawn@web.service/payload"],
  [
    "a pod and a container in it",
    `kubepods-pod${podUid.replaceAll("-", "_")}.slice/cri-containerd-${victimId}.scope`,
  ],
  ["a unit of systemd", "system.slice/ssh.service"],
];

async function findKill(kerntel: RunningKerntel, path: string): Promise<StoredLine> {
  return waitUntil(`the kill in ${path}`, async () =>
    (await kerntel.look({ event: "kerntel.oom" })).find(
      ({ attributes }) => attributes["kerntel.victim.cgroup.path"] === path,
    ),
  );
}

async function findWait(kerntel: RunningKerntel, path: string): Promise<StoredLine> {
  return waitUntil(`a wait for memory in ${path}`, async () =>
    (await kerntel.stored({ event: "kerntel.memreclaim", limit: "10000" })).find(
      ({ attributes }) => attributes["kerntel.cgroup.path"] === path,
    ),
  );
}

const about = ({ resource }: StoredLine): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => /^(?:container|k8s|kerntel)\./.test(name)));

liveTest(
  "a record about a directory that a user named like another's container is the user's",
  async (context) => {
    using docker = await FakeDocker.start("victim");
    await using kerntel = await RunningKerntel.start({
      events: "      oom: {}\n      memreclaim: { threshold_ms: 0, limit_per_second: 0 }",
      containers: `      docker: { socket: ${docker.socket} }`,
    });
    await using user = await UnprivilegedUser.enter();
    // The victim is there first, and known to the runtime; then it has ended, and its name is free.
    for (const state of ["never seen", "ended"]) {
      if (state === "ended") {
        await provokeOom(() => victimPath);
        const kill = await findKill(kerntel, victimPath);
        assert.equal(kill.resource["container.name"], "victim");
        assert.equal(kill.resource["kerntel.container.owner.uid"], undefined);
      }
      const asked = docker.asked;
      for (const [what, path] of forged) {
        const name = `${state.replace(" ", "-")}/${path}`;
        // All shortages of one user share few records: the first is a kill, the others are waits for memory.
        const isFirst = state === "never seen" && path === forged[0]?.[1];
        const line = isFirst
          ? await findKill(kerntel, await dieInCgroup(user, name))
          : await findWait(kerntel, await waitInCgroup(user, name));
        assert.match(
          String(line.attributes["kerntel.attribution"]),
          /^(?:path|unknown)$/,
          `${what}, ${state}`,
        );
        const { "kerntel.container.owner.uid": ofContainer, "kerntel.cgroup.owner.uid": ofCgroup } =
          line.resource;
        assert.equal(ofContainer ?? ofCgroup, user.uid, `${what}, ${state}`);
        for (const attribute of ["container.name", "container.label.team", "k8s.pod.uid", "k8s.pod.name"])
          assert.equal(line.resource[attribute], undefined, `${what}, ${state}: ${attribute}`);
        assert.notEqual(line.resource["kerntel.systemd.unit"], "ssh.service");
        if (state === "ended") assert.notEqual(line.resource["container.id"], victimId, `${what}, ${state}`);
        assertDeclared([line]);
        context.diagnostic(`${what}, ${state}: ${JSON.stringify(about(line))}`);
      }
      assert.equal(docker.asked, asked, "the runtime was asked about what a user made");
    }
  },
);
