import assert from "node:assert/strict";
import { test } from "node:test";
import type { AskedSource } from "./asked-source.ts";
import { readSection } from "../fixtures/containers-section.ts";
import type { ContainersSection } from "../fixtures/containers-section.ts";
import { Sources } from "./sources.ts";

const place = { path: "/docker/1", hierarchies: [0], isProven: true };

const log = { warn: (): void => {} };
const wanted = [{ containerIds: ["1"], names: [], path: "/docker/1", podUid: undefined, place }];

const quiet: ContainersSection = { cri: { enabled: false }, kubelet: { enabled: false } };

function byName({ all }: Sources): ReadonlyMap<string, AskedSource> {
  return new Map(all.map((source) => [source.name, source]));
}

const cases: readonly [what: string, section: ContainersSection, changed: readonly string[]][] = [
  ["nothing", {}, []],
  ["how long records wait", { wait_ms: 1 }, []],
  ["an address", { docker: { socket: "/nowhere/docker.sock" } }, ["docker"]],
  ["that one is asked no longer", { podman: { enabled: false } }, ["podman"]],
  [
    "which labels are told, which all are asked for",
    { pod_labels: ["app"] },
    ["containerd", "docker", "podman"],
  ],
];

for (const [what, section, changed] of cases) {
  test(`a new configuration that changes ${what} makes anew ${changed.join(", ") || "no source"}`, () => {
    const sources = new Sources(readSection(quiet), log);
    const before = byName(sources);
    sources.reload(readSection({ ...quiet, ...section }));
    const after = byName(sources);
    const others = [...before].filter(([name, source]) => after.get(name) !== source).map(([name]) => name);
    assert.deepEqual(others, changed);
    assert.equal(after.has("podman"), section.podman?.enabled !== false);
  });
}

test("one that was closed is asked nothing, and what it answered stays counted", async () => {
  const configured = readSection({ ...quiet, docker: { socket: "/nowhere/docker.sock" } });
  const sources = new Sources(configured, log);
  const docker = byName(sources).get("docker");
  await docker?.find(wanted);
  assert.deepEqual(sources.counts().get("docker"), { answered: 0, failed: 1, disagreed: 0 });

  sources.reload(readSection({ ...quiet, docker: { enabled: false } }));
  assert.deepEqual([docker?.isReady, await docker?.find(wanted)], [false, undefined]);
  assert.deepEqual(sources.counts().get("docker"), { answered: 0, failed: 1, disagreed: 0 });

  sources.reload(configured);
  await byName(sources).get("docker")?.find(wanted);
  assert.deepEqual(sources.counts().get("docker"), { answered: 0, failed: 2, disagreed: 0 });
  await sources.close();
});
