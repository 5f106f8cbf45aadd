/** Containers of a real Docker Engine and a real podman, without Kubernetes. */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IMAGE_NAME, IMAGE_TAG } from "../provoke/busybox-image.ts";
import { FakeDocker } from "../provoke/fake-docker.ts";
import { provokeOom } from "#events/oom/provoke.ts";
import { startDocker } from "../provoke/docker.ts";
import { startPodman } from "../provoke/podman.ts";
import { assertDeclared } from "./assertions.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel } from "./running-kerntel.ts";
import { launcher as ownLauncher } from "./start-command.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * The program in a mount namespace where a runtime's socket is in its usual place, in front of this machine's own. This /run is
 * written no more, so the control socket is below the state directory, where the test finds it.
 */
const launcher = `#!/bin/sh
exec unshare --mount sh -c 'mount -t tmpfs tmpfs /run && ln -s "$0" /run/docker.sock && mount -o remount,ro /run && exec "$@"' SOCKET ${ownLauncher} "$@"
`;

liveTest("a runtime in its usual place is asked without a word in the configuration", async (context) => {
  if (isHostsAlone(context)) return;
  using docker = await FakeDocker.start("shop");
  using directory = makeTemporaryDirectory();
  const path = join(directory.path, "kerntel");
  writeFileSync(path, launcher.replace("SOCKET", docker.socket), { mode: 0o755 });
  await using running = await RunningKerntel.start({ events: "      oom: {}", launcher: path });
  const { containerId } = await provokeOom((id) => `/kerntel-test-${process.pid}/docker/${id}`);
  const line = await waitUntil("the kill in the local log", async () =>
    (await running.look({ event: "kerntel.oom", container: containerId })).at(0),
  );
  assert.equal(line.resource["container.name"], "shop");
});

const engines = { docker: startDocker, podman: startPodman };

for (const [runtime, startEngine] of Object.entries(engines))
  liveTest(`a container of ${runtime} that is killed has its name, image and labels`, async (context) => {
    if (isDisposable) {
      context.skip(`NOT TESTED: a virtual machine has no ${runtime}`);
      return;
    }
    const before = readdirSync(".");
    await using engine = await startEngine();
    await using running = await RunningKerntel.start({
      containers: `      container_labels: [team]\n      ${runtime}: { socket: ${engine.socket} }`,
    });
    const id = await engine.run({
      name: "shop",
      command: ["/bin/tail", "/dev/zero"],
      memoryLimitBytes: LIMIT_BYTES,
      labels: { team: "checkout", secret: "no" },
    });
    const line = await waitUntil("the kill in the local log", async () =>
      (await running.look({ event: "kerntel.oom", container: id })).at(0),
    );
    const told = Object.entries(line.resource).filter(([name]) => name.startsWith("container."));
    assert.deepEqual(Object.fromEntries(told), {
      "container.id": id,
      "container.name": "shop",
      "container.runtime.name": runtime,
      "container.image.name": IMAGE_NAME,
      "container.image.tags": [IMAGE_TAG],
      "container.label.team": "checkout",
    });
    assert.equal(line.attributes["kerntel.attribution"], "resolved");
    assertDeclared([line]);
    assert.deepEqual(readdirSync("."), before, `${runtime} left a file where the tests were started`);
  });
