/** Both OTLP protocols over TLS: who is trusted, and who we say we are. */
import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { Destination } from "../contract.ts";
import { createSampleCertificate, type SampleCertificate } from "../sample-certificate.ts";
import { createSampleRecord } from "../sample-record.ts";
import { createOtlpGrpcLogDestination } from "./grpc-log-destination.ts";
import { createOtlpHttpLogDestination } from "./log-destination.ts";
import { createOtlpGrpcMetricReader } from "./grpc-metric-reader.ts";
import type { OtlpTlsOptions } from "./options.ts";

interface Receiver {
  readonly port: number;
  requests: number;
}

/** Wants a certificate of its clients, too. */
async function startHttps(context: TestContext, { certificate, key }: SampleCertificate): Promise<Receiver> {
  const settings = { cert: certificate, key, ca: certificate, requestCert: true, rejectUnauthorized: true };
  const server = createServer(settings, (request, response) => {
    receiver.requests += 1;
    request.resume().on("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const receiver = { port: (server.address() as AddressInfo).port, requests: 0 };
  return receiver;
}

function pass(body: Buffer): Buffer {
  return body;
}

async function startGrpc(context: TestContext, { certificate, key }: SampleCertificate): Promise<Receiver> {
  const receiver = { port: 0, requests: 0 };
  const server = new Server();
  context.after(() => server.forceShutdown());
  const take = (_: unknown, respond: (failure: null, body: Buffer) => void): void => {
    receiver.requests += 1;
    respond(null, Buffer.alloc(0));
  };
  for (const service of ["logs.v1.LogsService", "metrics.v1.MetricsService"])
    server.register(`/opentelemetry.proto.collector.${service}/Export`, take, pass, pass, "unary");
  const pair = [{ private_key: key, cert_chain: certificate }];
  receiver.port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createSsl(certificate, pair, true), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return receiver;
}

const protocols: readonly (readonly [
  title: string,
  start: typeof startGrpc,
  create: (port: number, tls: OtlpTlsOptions) => Destination,
])[] = [
  [
    "gRPC",
    startGrpc,
    (port, tls) =>
      createOtlpGrpcLogDestination({ endpoint: `https://127.0.0.1:${port}`, tls, timeoutMs: 2000 }),
  ],
  [
    "HTTP",
    startHttps,
    (port, tls) =>
      createOtlpHttpLogDestination({ endpoint: `https://127.0.0.1:${port}/v1/logs`, tls, timeoutMs: 2000 }),
  ],
];

for (const [title, start, create] of protocols) {
  test(`${title}: nothing is sent to a stranger, nor taken from one; with the right files it arrives`, async (context) => {
    const sample = createSampleCertificate(context);
    const receiver = await start(context, sample);
    const own = { certFile: sample.certificateFile, keyFile: sample.keyFile };
    const cases: readonly (readonly [OtlpTlsOptions, kind: string, requests: number])[] = [
      [own, "retry", 0],
      [{ caFile: sample.certificateFile }, "retry", 0],
      [{ caFile: sample.certificateFile, ...own }, "delivered", 1],
    ];
    for (const [tls, kind, requests] of cases) {
      const destination = create(receiver.port, tls);
      const result = await destination.send([createSampleRecord("A")], new AbortController().signal);
      await destination.shutdown();
      assert.equal(result.kind, kind, JSON.stringify(result));
      assert.equal(receiver.requests, requests);
    }
  });
}

test("gRPC: a certificate for another address is refused", async (context) => {
  const sample = createSampleCertificate(context, "IP:127.0.0.2,DNS:localhost");
  const receiver = await startGrpc(context, sample);
  const tls = { caFile: sample.certificateFile, certFile: sample.certificateFile, keyFile: sample.keyFile };
  const destination = createOtlpGrpcLogDestination({ endpoint: `https://127.0.0.1:${receiver.port}`, tls });
  const result = await destination.send([createSampleRecord("A")], new AbortController().signal);
  await destination.shutdown();
  assert.equal(result.kind, "retry");
  assert.equal(receiver.requests, 0);
});

test("gRPC: metrics go to an IP address over TLS, too", async (context) => {
  const sample = createSampleCertificate(context);
  const receiver = await startGrpc(context, sample);
  const tls = { caFile: sample.certificateFile, certFile: sample.certificateFile, keyFile: sample.keyFile };
  const endpoint = `https://127.0.0.1:${receiver.port}`;
  const reader = createOtlpGrpcMetricReader({ endpoint, intervalMs: 3_600_000, tls });
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter("kerntel").createCounter("kerntel.oom.kills").add(1);
  await provider.forceFlush();
  await provider.shutdown();
  assert.ok(receiver.requests > 0);
});
