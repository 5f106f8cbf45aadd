/** Variables of the environment change no client: no proxy is used, and certificates stay verified. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { createSampleCertificate } from "#exporters/sample-certificate.ts";
import { startHostileServer } from "./hostile-server.ts";

const child = new URL("fixtures/send-once.ts", import.meta.url);

async function listen(context: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** What every client of the lists of exporters and sources said in a process with these variables, by its name. */
async function sendFrom(endpoint: string, environment: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [child.pathname, endpoint], {
    env: { PATH: process.env["PATH"], ...environment },
    timeout: 60_000,
  });
  return JSON.parse(stdout) as Record<string, string>;
}

test("no client uses a proxy that the environment names", async (context) => {
  let proxied = 0;
  const proxy = createServer((socket) => {
    proxied += 1;
    socket.destroy();
  });
  const url = `http://127.0.0.1:${await listen(context, proxy)}`;
  const names = ["http_proxy", "https_proxy", "grpc_proxy", "all_proxy"];
  const variables = names.flatMap((name) => [name, name.toUpperCase()]).map((name) => [name, url]);
  const server = await startHostileServer(context);
  const said = await sendFrom(`http://127.0.0.1:${server.port}`, {
    ...Object.fromEntries(variables),
    NODE_USE_ENV_PROXY: "1",
  });
  assert.equal(proxied, 0);
  assert.ok(Object.keys(said).length >= 3);
  for (const [name, result] of Object.entries(said)) assert.equal(result, "delivered", name);
});

test("no client takes a certificate unverified because the environment says so", async (context) => {
  const { certificate, key } = createSampleCertificate(context);
  let requests = 0;
  const server = createHttps({ cert: certificate, key, ALPNProtocols: ["h2", "http/1.1"] }, (_, response) => {
    requests += 1;
    response.end("{}");
  });
  const port = await listen(context, server);
  const said = await sendFrom(`https://127.0.0.1:${port}`, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
  assert.equal(requests, 0);
  for (const [name, result] of Object.entries(said)) assert.notEqual(result, "delivered", name);
});
