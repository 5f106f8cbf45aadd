import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { NetConnectOpts, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { peerCredentials, peerTcpUser } from "../source/index.ts";

const OTHER_USER = 54_321;
const isRoot = process.geteuid?.() === 0;

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })["_handle"].fd;
}

function listen(context: TestContext, place: NetConnectOpts): Promise<Server> {
  const server = createServer();
  context.after(() => server.close());
  return new Promise((resolve) => {
    server.listen(place, () => {
      resolve(server);
    });
  });
}

function makeSocketPath(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "peer-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  chmodSync(folder, 0o755);
  return join(folder, "socket");
}

test("a peer on a Unix socket is known by its process, user and group", async (context) => {
  const path = makeSocketPath(context);
  const server = await listen(context, { path });
  const client = connect({ path });
  context.after(() => client.destroy());
  const [accepted] = (await once(server, "connection")) as [Socket];
  assert.deepEqual(peerCredentials(descriptorOf(accepted)), {
    pid: process.pid,
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
  });
  accepted.destroy();
});

test("a peer that is another user is known as that user, also after it has ended", async (context) => {
  if (!isRoot) return context.skip("only root can be another user");
  const path = makeSocketPath(context);
  const server = await listen(context, { path });
  chmodSync(path, 0o666);
  const connection = once(server, "connection") as Promise<[Socket]>;
  const script = `process.setgroups([]); process.setgid(${OTHER_USER + 1}); process.setuid(${OTHER_USER});
    require("node:net").connect(${JSON.stringify(path)}).on("connect", () => process.exit(0));`;
  const { pid, status } = spawnSync(process.execPath, ["--eval", script]);
  assert.equal(status, 0);
  const [accepted] = await connection;
  assert.deepEqual(peerCredentials(descriptorOf(accepted)), { pid, uid: OTHER_USER, gid: OTHER_USER + 1 });
  accepted.destroy();
});

test("there is no peer of a TCP connection, and none of what is no socket", async (context) => {
  const server = await listen(context, { host: "127.0.0.1", port: 0 });
  const { port } = server.address() as { readonly port: number };
  const client = connect({ host: "127.0.0.1", port });
  context.after(() => client.destroy());
  const [accepted] = (await once(server, "connection")) as [Socket];
  assert.equal(peerCredentials(descriptorOf(accepted)), undefined);
  accepted.destroy();
  assert.throws(() => peerCredentials(-1), { code: "BPF_PEER_FAILED", errno: "EBADF" });
});

for (const [listens, connects] of [
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["::", "127.0.0.1"],
]) {
  test(`the user of a connection of TCP from ${connects} to ${listens} is known while it lasts`, async (context) => {
    const server = await listen(context, { host: listens, port: 0 });
    const { port } = server.address() as { readonly port: number };
    const accepting = once(server, "connection") as Promise<[Socket]>;
    const user = isRoot ? OTHER_USER : (process.geteuid?.() ?? 0);
    const script = `if (${isRoot}) { process.setgroups([]); process.setgid(${user}); process.setuid(${user}); }
      require("node:net").connect(${port}, ${JSON.stringify(connects)});`;
    const child = spawn(process.execPath, ["--eval", script], { stdio: "inherit" });
    const [accepted] = await accepting;
    assert.equal(peerTcpUser(descriptorOf(accepted)), user);
    child.kill("SIGKILL");
    await once(child, "close");
    accepted.destroy();
    assert.throws(() => peerTcpUser(-1), { code: "BPF_PEER_FAILED", errno: "EBADF" });
  });
}
