import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { AskedSource } from "./asked-source.ts";
import { readSection } from "../fixtures/containers-section.ts";
import type { ContainersSection } from "../fixtures/containers-section.ts";
import { findSocket, requireTrusted } from "./find-files.ts";
import { containerSources } from "./index.ts";
import { Sources } from "./sources.ts";

const place = { path: "/docker/1", hierarchies: [0], isProven: true };

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
  const wanted = [{ containerIds: ["1"], names: [], path: "/docker/1", podUid: undefined, place }];
  assert.equal(await source.find(wanted), undefined);
  assert.deepEqual(source.counts(), { answered: 0, failed: 1, disagreed: 0 });
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
    const wanted = [{ containerIds: ["1"], names: [], path: "/docker/1", podUid: undefined, place }];
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

const OTHER_USER = 54_321;
const isDocker = ({ name }: AskedSource): boolean => name === "docker";

/** A server that would name a container, and the connections it got. */
async function listen(context: TestContext, path: string): Promise<{ connections: number }> {
  const counted = { connections: 0 };
  const server = createServer((connection) => {
    counted.connections += 1;
    connection.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  context.after(() => server.close());
  return counted;
}

for (const [what, spoil] of [
  ["socket belongs to another user", (folder: string) => chownSync(join(folder, "x.sock"), OTHER_USER, 0)],
  ["directory belongs to another user", (folder: string) => chownSync(folder, OTHER_USER, 0)],
  ["directory can be written by others", (folder: string) => chmodSync(folder, 0o777)],
] as const) {
  test(`a socket that is configured is not asked where its ${what}, and a sentence says so`, async (context) => {
    if (process.geteuid?.() !== 0) return context.skip("only root can give a socket to another user");
    const folder = join(makeFolder(context), "run");
    mkdirSync(folder);
    const socket = join(folder, "x.sock");
    const counted = await listen(context, socket);
    const warnings: string[] = [];
    const told = {
      warn: (message: string, error?: unknown) => void warnings.push(`${message}: ${String(error)}`),
    };
    const docker = new Sources(readSection({ docker: { socket } }), told).all.find(isDocker);
    const wanted = [{ containerIds: ["1"], names: [], path: "/docker/1", podUid: undefined, place }];
    assert.ok((await docker?.find(wanted)) !== undefined, "it is asked while nothing is wrong with it");
    await docker?.close();
    const { connections } = counted;
    assert.ok(connections > 0);
    spoil(folder);
    const again = new Sources(readSection({ docker: { socket } }), told).all.find(isDocker);
    assert.equal(await again?.find(wanted), undefined);
    assert.equal(again?.counts().failed, 1);
    assert.equal(counted.connections, connections);
    assert.match(warnings.join(), /docker .*the socket .*x\.sock is not used: it (?:belongs|is reached)/);
  });
}

test("the first socket that is to be trusted is taken, and one that is not only where there is no other", async (context) => {
  const folder = makeFolder(context);
  const [open, closed] = [join(folder, "open"), join(folder, "closed")];
  for (const each of [open, closed]) {
    mkdirSync(each);
    await listen(context, join(each, "x.sock"));
  }
  chmodSync(open, 0o777);
  const [untrusted, trusted] = [join(open, "x.sock"), join(closed, "x.sock")];
  assert.equal(findSocket([untrusted, trusted]), trusted);
  assert.equal(findSocket([untrusted, join(folder, "none.sock")]), untrusted);
  assert.throws(() => requireTrusted("socket", untrusted), { code: "SOURCE_NOT_TRUSTED" });
});

test("a token that others can write is not sent, and a sentence says so", async (context) => {
  const token = join(makeFolder(context), "token");
  writeFileSync(token, "x");
  chmodSync(token, 0o666);
  const warnings: string[] = [];
  const sources = new Sources(readSection({ kubelet: { token_file: token } }), {
    warn: (_message, error) => warnings.push((error as Error).message),
  });
  const kubelet = sources.all.find(({ name }) => name === "kubelet");
  await kubelet?.find([{ containerIds: ["1"], names: [], path: "/x", podUid: undefined, place }]);
  assert.match(warnings.join(), /^the file .*token is not used: other users can write it/);
  await sources.close();
});
