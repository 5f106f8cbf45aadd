import assert from "node:assert/strict";
import { test } from "node:test";
import { CgroupDirectory } from "./cgroup-directory.ts";
import { ContainerSeries } from "./container-series.ts";
import { MadeTree, by, byRoot, givenTo } from "./fixtures/made-directories.ts";

const idOf = (index: number): string => index.toString(16).padStart(64, "0");
const service = "/user.slice/user-1000.slice/user@1000.service";

test("made-up containers have no series, and a real one has its own however many there are", () => {
  const directory = new CgroupDirectory([0]);
  const tree = new MadeTree(directory);
  const series = new ContainerSeries(directory.owners, 2);
  const read = (path: string): string | undefined => series.idOf(directory.find(tree.idOf(path), path));
  tree.make(service, givenTo(1_000));
  for (let made = 0; made < 100; made++) {
    tree.make(`${service}/docker-${idOf(made)}.scope`, by(1_000));
    assert.equal(read(`${service}/docker-${idOf(made)}.scope`), undefined);
  }
  tree.make(`/docker/${idOf(200)}`);
  tree.make(`/docker/${idOf(200)}/docker/${idOf(300)}`);
  assert.equal(read(`/docker/${idOf(200)}`), idOf(200));
  assert.equal(read(`/docker/${idOf(200)}/docker/${idOf(300)}`), idOf(200));
  assert.deepEqual(series.counts(), { limit: 2, used: 1 });
});

test("what nobody vouches for gets its series when a runtime confirms it, within the limit", () => {
  const directory = new CgroupDirectory([0]);
  const tree = new MadeTree(directory);
  const series = new ContainerSeries(directory.owners, 2);
  const read = (index: number): string | undefined =>
    series.idOf(directory.find(tree.idOf(`/docker/${idOf(index)}`), ""));
  tree.make(`/docker/${idOf(1)}`, { ...byRoot, isForeign: true });
  assert.equal(read(1), undefined);
  directory.owners.get(idOf(1))?.learn({ name: "docker", trust: 1 }, { "container.name": "web" });
  assert.equal(read(1), idOf(1));
  for (const index of [2, 3]) tree.make(`/docker/${idOf(index)}`);
  assert.deepEqual([read(2), read(3)], [idOf(2), undefined]);
  assert.deepEqual(series.counts(), { limit: 2, used: 2 });
});
