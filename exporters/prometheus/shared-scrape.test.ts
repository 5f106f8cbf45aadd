/** What many scrapers, and clients that are none, cost the port that Prometheus scrapes. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { afterEach, test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import { ConnectionCounts } from "../connection-counts.ts";
import { startPrometheusReader } from "./prometheus-reader.ts";
import type { PrometheusReader } from "./prometheus-reader.ts";

let provider: MeterProvider | undefined;

afterEach(async () => {
  await provider?.shutdown();
  provider = undefined;
});

const nothing = { resourceMetrics: { resource: resourceFromAttributes({}), scopeMetrics: [] }, errors: [] };

async function start(options: Parameters<typeof startPrometheusReader>[0]): Promise<PrometheusReader> {
  const reader = await startPrometheusReader({ port: 0, ...options });
  provider = new MeterProvider({ readers: [reader] });
  return reader;
}

async function scrape({ address }: PrometheusReader): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${address.port}/metrics`);
  return { status: response.status, text: await response.text() };
}

test("scrapes of one second share one collection and get the same bytes, and a later one is collected anew", async (context) => {
  const counted = { collections: 0 };
  const produce: MetricProducer = {
    collect: async () => {
      counted.collections += 1;
      await new Promise(setImmediate);
      return nothing;
    },
  };
  const reader = await start({ metricProducers: [produce] });
  const texts = await Promise.all(Array.from({ length: 20 }, () => scrape(reader)));
  assert.equal(counted.collections, 1);
  assert.equal(new Set(texts.map(({ text }) => text)).size, 1);
  const startedMs = performance.now();
  while (counted.collections === 1) await scrape(reader);
  const sharedMs = performance.now() - startedMs;
  context.diagnostic(`shared for ${Math.round(sharedMs)} ms`);
  assert.ok(sharedMs < 10_000);
});

test("a collection that fails is the scraper's to know, and the next one is tried", async () => {
  let isBroken = true;
  const produce: MetricProducer = {
    collect: () => (isBroken ? Promise.reject(new Error("no counters")) : Promise.resolve(nothing)),
  };
  const reader = await start({ metricProducers: [produce] });
  assert.deepEqual(await scrape(reader), {
    status: 500,
    text: "# metrics were not collected: no counters\n",
  });
  isBroken = false;
  assert.equal((await scrape(reader)).status, 200);
});

test("clients that never read share one answer, and are cut, and a scraper among them is served", async () => {
  const connections = new ConnectionCounts();
  const reader = await start({ connections, limits: { writeTimeoutMs: 200, requestTimeoutMs: 200 } });
  const sockets = Array.from({ length: 40 }, () => connect(reader.address).on("error", () => {}));
  for (const socket of sockets) socket.pause().write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  let status = 0;
  while (status !== 200) ({ status } = await scrape(reader).catch(() => ({ status: 0 })));
  for (const socket of sockets) socket.destroy();
  assert.ok((connections.closed.get("too_many") ?? 0) >= 8);
});
