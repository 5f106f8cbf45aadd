/** Containers of a real Docker Engine and a real podman, without Kubernetes. */
import assert from "node:assert/strict";
import { IMAGE_NAME, IMAGE_TAG } from "../provoke/busybox-image.ts";
import { TestDocker } from "../provoke/docker.ts";
import { TestPodman } from "../provoke/podman.ts";
import { assertDeclared } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const LIMIT_BYTES = 16 * 1024 * 1024;

const engines = { docker: () => TestDocker.start(), podman: () => TestPodman.start() };

for (const [runtime, startEngine] of Object.entries(engines))
  liveTest(`a container of ${runtime} that is killed has its name, image and labels`, async (context) => {
    if (isDisposable) {
      context.skip(`NOT TESTED: a virtual machine has no ${runtime}`);
      return;
    }
    await using engine = await startEngine();
    await using kerntel = await RunningKerntel.start({
      containers: `      container_labels: [team]\n      ${runtime}: { socket: ${engine.socket} }`,
    });
    const id = await engine.run({
      name: "shop",
      command: ["/bin/tail", "/dev/zero"],
      memoryLimitBytes: LIMIT_BYTES,
      labels: { team: "checkout", secret: "no" },
    });
    const line = await waitUntil("the kill in the local log", async () =>
      (await kerntel.stored({ event: "kerntel.oom", container: id })).at(0),
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
  });
