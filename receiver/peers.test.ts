/** Users other than root on a control socket that is open to them: what each may do, and how many of them at a time. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { text as readText } from "node:stream/consumers";
import { BoundedServer } from "#exporters/bounded-server.ts";
import { ConnectionCounts } from "#exporters/connection-counts.ts";
import { askRunning } from "./control/client.ts";
import { isPrivileged, portTenants } from "./peers.ts";
import { startControlServer } from "./control/server.ts";

const USER = 54_321;
const isRoot = process.geteuid?.() === 0;

function makePath(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-peer-"));
  context.after(() => {
    rmSync(directory, { recursive: true });
  });
  chmodSync(directory, 0o755);
  return join(directory, "socket");
}

const become = `process.setgroups([]); process.setgid(${USER}); process.setuid(${USER});`;

test("root and the receiver's own user are privileged, nobody else is, and least of all one who is not known", () => {
  const own = process.geteuid?.() ?? 0;
  assert.equal(isPrivileged({ uid: 0 }), true);
  assert.equal(isPrivileged({ uid: own }), true);
  assert.equal(isPrivileged({ uid: USER }), false);
  assert.equal(isPrivileged(undefined), false);
});

test("another user reads, and is refused what changes something", async (context) => {
  if (!isRoot) return context.skip("only root can be another user");
  const path = makePath(context);
  await using server = await startControlServer(
    { path, groupId: undefined },
    { read: { "/events": () => ["up"] }, change: { "/reload": () => assert.fail("it was let in") } },
  );
  assert.ok(server);
  chmodSync(path, 0o666);
  const ask = `${become}
    for (const [method, path] of [["GET", "/events"], ["POST", "/reload"]])
      require("node:http").request({ socketPath: ${JSON.stringify(path)}, method, path }, (response) => {
        response.resume().on("end", () => console.log(method, response.statusCode));
      }).end();`;
  const child = spawn(process.execPath, ["--eval", ask], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  await once(child, "close");
  assert.deepEqual(out.trim().split("\n").sort(), ["GET 200", "POST 403"]);
});

test("a user has 8 connections at a time, more are closed and counted, and root is answered all the while", async (context) => {
  if (!isRoot) return context.skip("only root can be another user");
  const path = makePath(context);
  const connections = new ConnectionCounts();
  await using server = await startControlServer(
    { path, groupId: undefined },
    { read: { "/events": () => ["up"] } },
    { connections },
  );
  assert.ok(server);
  chmodSync(path, 0o666);
  const hold = `${become}
    let closed = 0;
    for (let count = 0; count < 20; count++)
      require("node:net").connect(${JSON.stringify(path)}).on("error", () => {}).on("close", () => { if (++closed === 12) console.log("12 closed"); });
    setTimeout(() => {}, 60000);`;
  const child = spawn(process.execPath, ["--eval", hold], { stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  assert.equal(connections.closed.get("too_many"), 12);
  assert.equal(connections.open, 8);
  assert.deepEqual(await Array.fromAsync(askRunning([path], { path: "/events" })), ["up"]);
});

test("a user who may not look into the directory is told who may", (context) => {
  if (!isRoot) return context.skip("only root can be another user");
  const path = makePath(context);
  chmodSync(join(path, ".."), 0o700);
  const script = `${become}
    import(${JSON.stringify(join(import.meta.dirname, "control/client.ts"))}).then(({ askRunning }) =>
      askRunning([${JSON.stringify(path)}, "/nowhere/socket"], { path: "/events" }).next()).catch(({ message }) => console.log(message));`;
  const { stdout } = spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
  assert.match(stdout, /cannot ask .*socket: .*\(EACCES\); root and members of the group kerntel may/);
});

test("a user of this machine takes 24 places of a port, and another user and root are answered beside them", async (context) => {
  if (!isRoot) return context.skip("only root can be another user");
  const connections = new ConnectionCounts();
  const server = new BoundedServer((_request, response) => response.end("up"), connections, {
    tenants: portTenants,
  });
  await server.listen({ host: "127.0.0.1", port: 0 }, assert.ifError);
  const { port } = server.address as { readonly port: number };
  const hold = `${become}
    let closed = 0;
    for (let count = 0; count < 40; count++)
      require("node:net").connect(${port}, "127.0.0.1").on("error", () => {}).on("close", () => { if (++closed === 16) console.log("16 closed"); }).resume();
    setTimeout(() => {}, 60000);`;
  const child = spawn(process.execPath, ["--eval", hold], { stdio: ["ignore", "pipe", "inherit"] });
  context.after(async () => {
    child.kill("SIGKILL");
    await server.close();
  });
  await once(child.stdout, "data");
  assert.deepEqual([connections.open, connections.closed.get("too_many")], [24, 16]);
  const scrape = `fetch("http://127.0.0.1:${port}/").then((response) => response.text()).then(console.log)`;
  const another = become.replaceAll(`${USER}`, `${USER + 1}`);
  for (const user of ["", another]) {
    const scraper = spawn(process.execPath, ["--eval", `${user} ${scrape}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.equal(await readText(scraper.stdout), "up\n");
  }
  assert.equal(connections.open, 24);
});
