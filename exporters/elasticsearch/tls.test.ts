import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSampleRecord } from "../sample-record.ts";
import { createElasticsearchDestination } from "./destination.ts";

test("a certificate is verified: by ca_file where there is one, else nothing is sent to a stranger", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-tls-"));
  const [keyFile, caFile] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", [...request, "-keyout", keyFile, "-out", caFile, ...subject], { stdio: "ignore" });
  let requests = 0;
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (_, response) => {
    requests += 1;
    response.setHeader("content-type", "application/json");
    response.end('{"errors":false}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  const cases = [
    [{}, { kind: "retry", reason: "self-signed certificate" }, 0],
    [{ caFile }, { kind: "delivered" }, 1],
  ] as const;
  for (const [options, expected, seen] of cases) {
    const endpoints = [`https://127.0.0.1:${port}`];
    const destination = createElasticsearchDestination({ endpoints, ...options });
    const result = await destination.send([createSampleRecord("A")], new AbortController().signal);
    await destination.shutdown();
    assert.deepEqual(result, expected);
    assert.equal(requests, seen);
  }
});
