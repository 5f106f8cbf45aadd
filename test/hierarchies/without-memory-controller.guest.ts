/** In a guest that was started without the memory controller: version 1 hierarchies stand in for it, one after another. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RunningKerntel, findFreePort, readMetric } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { dropFromCgroup } from "../provoke/namespace-drop.ts";

function mount(controller: string): string {
  const directory = join("/tmp", controller);
  mkdirSync(directory);
  const { status, stderr } = spawnSync("mount", ["-t", "cgroup", "-o", controller, controller, directory]);
  assert.equal(status, 0, String(stderr));
  return directory;
}

for (const controller of ["pids", "cpu"]) {
  test(`a container on the ${controller} hierarchy of version 1 is found by its cgroup there`, async () => {
    const docker = join(mount(controller), "docker");
    await using kerntel = await RunningKerntel.start({
      events: "      dropwatch: { limit_per_second: 0, window_seconds: 0 }",
    });
    const id = randomBytes(32).toString("hex");
    const port = await findFreePort();
    mkdirSync(join(docker, id), { recursive: true });
    await dropFromCgroup(join(docker, id), port);
    rmdirSync(join(docker, id));
    const line = await waitUntil("the drop", async () =>
      (await kerntel.stored({ event: "kerntel.dropwatch", container: id })).find(
        ({ attributes }) => attributes["destination.port"] === port,
      ),
    );
    assert.equal(line.resource["container.runtime.name"], "docker");
    const metrics = await kerntel.metrics();
    assert.equal(readMetric(metrics, "kerntel_cgroup_known").get('{kerntel_cgroup_state="gone"}'), 1);
    assert.equal(
      readMetric(metrics, "kerntel_cgroup_lookups_total").get('{kerntel_cgroup_lookup_result="path"}'),
      0,
    );
  });
}
