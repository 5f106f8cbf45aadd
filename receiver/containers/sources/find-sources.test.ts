import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { AskedSource } from "./asked-source.ts";
import { readSection } from "../fixtures/containers-section.ts";
import type { ContainersSection } from "../fixtures/containers-section.ts";
import { containerSources } from "./index.ts";
import { Sources } from "./sources.ts";

const log = { warn: (): void => {} };

function find(section: ContainersSection): ReadonlyMap<string, AskedSource> {
  return new Map(new Sources(readSection(section), log).all.map((source) => [source.name, source]));
}

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-sources-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

test("one that is switched off is not there, the others are in the order of the list", () => {
  const off = { docker: { enabled: false }, kubelet: { enabled: false } };
  assert.deepEqual([...find(off).keys()], ["containerd", "podman", "cri"]);
});

test("the list of sources alone says which are more trusted: the order in it is the order of trust", () => {
  const trust = [...find({}).values()].map((source) => [source.name, source.trust]);
  assert.deepEqual(
    trust,
    containerSources.map(({ name }, index) => [name, index]),
  );
});

test("one that is configured is asked whether it is there or not, so that its absence is told", async () => {
  const source = find({ docker: { socket: "/nowhere/docker.sock" } }).get("docker");
  assert.equal(source?.isReady, true);
  const wanted = [{ containerIds: ["1"], names: [], path: "/docker/1", podUid: undefined }];
  assert.equal(await source.find(wanted), undefined);
  assert.deepEqual(source.counts(), { answered: 0, failed: 1 });
});

for (const name of ["containerd", "cri"] as const) {
  test(`a socket on which nobody speaks as ${name} does is a failure and no more`, async (context) => {
    const socket = join(makeFolder(context), "x.sock");
    const server = createServer((connection) => connection.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve);
    });
    context.after(() => server.close());
    const source = find({ containerd: { address: socket }, cri: { endpoint: socket } }).get(name);
    const wanted = [{ containerIds: ["1"], names: [], path: "/docker/1", podUid: undefined }];
    assert.equal(await source?.find(wanted), undefined);
    assert.equal(source?.counts().failed, 1);
    await source.close();
  });
}

test("the kubelet is asked where there is a token for it", (context) => {
  const token = join(makeFolder(context), "token");
  assert.equal(find({ kubelet: { token_file: token } }).get("kubelet")?.isReady, false);
  writeFileSync(token, "x");
  assert.equal(find({ kubelet: { token_file: token } }).get("kubelet")?.isReady, true);
  assert.equal(find({ kubelet: { endpoint: "https://node:10250" } }).get("kubelet")?.isReady, true);
});
