import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createSampleCertificate } from "../sample-certificate.ts";
import { createSampleRecord } from "../sample-record.ts";
import { createElasticsearchDestination } from "./destination.ts";

test("a certificate is verified: by ca_file where there is one, else nothing is sent to a stranger", async (context) => {
  const { certificate: cert, key, certificateFile: caFile } = createSampleCertificate(context);
  let requests = 0;
  const server = createServer({ key, cert }, (_, response) => {
    requests += 1;
    response.setHeader("content-type", "application/json");
    response.end('{"errors":false}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const cases = [
    [{}, { kind: "retry", reason: "DEPTH_ZERO_SELF_SIGNED_CERT" }, 0],
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
