import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterEach, test } from "node:test";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, type MetricReader } from "@opentelemetry/sdk-metrics";
import { malformedRequests, sendRequest } from "#test/malformed-requests.ts";
import { type PrometheusReader, startPrometheusReader } from "./prometheus-reader.ts";
import { mergeCollidingLabels } from "./translate-metrics.ts";
import { composeMetricName } from "./unit-suffix.ts";

let provider: MeterProvider | undefined;

afterEach(async () => {
  await provider?.shutdown();
  provider = undefined;
});

async function start(options?: Parameters<typeof startPrometheusReader>[0]): Promise<PrometheusReader> {
  const reader = await startPrometheusReader({ port: 0, ...options });
  const readers: MetricReader[] = [reader];
  const resource = resourceFromAttributes({ "host.name": "node-1", "host.id": "abc" });
  provider = new MeterProvider({ resource, readers });
  const meter = provider.getMeter("kerntel", "0.1.0", { schemaUrl: "https://a.example/1" });
  meter
    .createCounter("kerntel.oom.kills", {
      unit: "{process}",
      description: "Processes killed to free memory.",
    })
    .add(2, { "a.b": "one", a_b: "two", "container.id": 'quo"te\n' });
  meter
    .createHistogram("kerntel.softirq.latency", {
      unit: "s",
      description: "Time from raise to run.",
      advice: { explicitBucketBoundaries: [0.001, 0.1] },
    })
    .record(0.05);
  meter
    .createGauge("kerntel.buffer.usage", { unit: "1", description: "Filled part of the buffer." })
    .record(0.5);
  meter
    .createUpDownCounter("kerntel.log.size", { unit: "By", description: "Size of the local log." })
    .add(4096);
  return reader;
}

async function scrape(reader: PrometheusReader): Promise<{ text: string; type: string }> {
  const response = await fetch(`http://127.0.0.1:${reader.address.port}/metrics`);
  return { text: await response.text(), type: response.headers.get("content-type") ?? "" };
}

test("a request in absolute-form is answered, as a proxy sends it", async () => {
  const reader = await start();
  const { port } = reader.address;
  for (const [path, status] of [
    [`http://127.0.0.1:${port}/metrics?name=x`, 200],
    [`http://127.0.0.1:${port}/`, 404],
    ["//metrics", 404],
  ] as const) {
    const asked = request({ port, host: "127.0.0.1", path, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    assert.equal(response.statusCode, status, path);
    assert.equal((await readText(response)).includes("kerntel_oom_kills_total"), status === 200);
  }
});

test("names carry unit and _total as the specification for Prometheus wants", () => {
  const cases = [
    ["kerntel.oom.kills", "{process}", "counter", "kerntel_oom_kills_total"],
    ["kerntel.softirq.latency", "s", "histogram", "kerntel_softirq_latency_seconds"],
    ["kerntel.cpu.time", "s", "counter", "kerntel_cpu_time_seconds_total"],
    ["a.seconds", "s", "histogram", "a_seconds"],
    ["a.total", "By", "counter", "a_bytes_total"],
    ["a_bytes_total", "By", "counter", "a_bytes_total"],
    ["a", "1", "gauge", "a_ratio"],
    ["a", "1", "counter", "a_total"],
    ["a", "", "gauge", "a"],
    ["a", "By/s", "gauge", "a_bytes_per_second"],
    ["a", "{packet}/s", "gauge", "a_per_second"],
    ["a", "1/s", "gauge", "a_per_second"],
    ["a", "furlong", "gauge", "a_furlong"],
    ["2xx", "", "gauge", "_2xx"],
  ] as const;
  for (const [name, unit, type, expected] of cases) {
    assert.equal(composeMetricName(name, unit, type), expected, `${name} ${unit} ${type}`);
  }
});

test("labels that would become one have their values joined in the order of their keys", () => {
  const clean = { "a.b": 1, c: "x" };
  assert.equal(mergeCollidingLabels(clean), clean);
  const colliding = { a_b: "two", "a.b": "one", c: 3 };
  assert.deepEqual(mergeCollidingLabels(colliding), { a_b: "one;two", c: 3 });
  assert.deepEqual(colliding, { a_b: "two", "a.b": "one", c: 3 });
  assert.deepEqual(mergeCollidingLabels({ "1a": "x" }), { key_1a: "x" });
});

test("a scrape shows the translated metrics and no scope labels", async () => {
  const { text, type } = await scrape(await start());
  assert.equal(type, "text/plain; version=0.0.4; charset=utf-8");
  for (const line of [
    'kerntel_oom_kills_total{a_b="one;two",container_id="quo\\"te\\n"} 2',
    "# TYPE kerntel_oom_kills_total counter",
    'kerntel_softirq_latency_seconds_bucket{le="0.1"} 1',
    "kerntel_buffer_usage_ratio 0.5",
    "kerntel_log_size_bytes 4096",
    'target_info{host_name="node-1",host_id="abc"} 1',
  ]) {
    assert.ok(text.split("\n").includes(line), `${line}\nis missing from\n${text}`);
  }
  assert.doesNotMatch(text, /# UNIT|otel_scope/);
});

test("scraping twice gives the same names: what was collected is not changed", async () => {
  const reader = await start({ withScopeInfo: true, resourceLabels: { included: ["host.name"] } });
  const first = await scrape(reader);
  assert.equal((await scrape(reader)).text, first.text);
  assert.match(
    first.text,
    /kerntel_log_size_bytes\{otel_scope_name="kerntel",otel_scope_schema_url="https:\/\/a\.example\/1",otel_scope_version="0.1.0",host_name="node-1"\}/,
  );
});

const labels: readonly (readonly [
  included: string[] | undefined,
  excluded: string[] | undefined,
  expected: string,
])[] = [
  [undefined, undefined, ""],
  [["host.*"], undefined, '{host_name="node-1",host_id="abc"}'],
  [["host.*"], ["host.n?me"], '{host_id="abc"}'],
  [undefined, ["host.id"], '{host_name="node-1"}'],
  [["host"], undefined, ""],
];

for (const [included, excluded, expected] of labels) {
  test(`labels of the resource: included ${String(included)}, excluded ${String(excluded)}`, async () => {
    const resourceLabels = { ...(included && { included }), ...(excluded && { excluded }) };
    const { text } = await scrape(await start({ resourceLabels }));
    assert.equal(/^kerntel_log_size_bytes(\{.*?\})? /m.exec(text)?.[1] ?? "", expected);
  });
}

test("promtool finds nothing to say", async (context) => {
  if (spawnSync("promtool", ["--version"]).error) {
    return context.skip("promtool is not installed (Debian package prometheus)");
  }
  const { text } = await scrape(await start());
  const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  assert.equal(checked.stdout + checked.stderr, "");
  assert.equal(checked.status, 0);
});

test("other paths and methods are refused", async () => {
  const { port } = (await start()).address;
  const cases = [
    ["GET", "/", 404],
    ["GET", "/metricsx", 404],
    ["POST", "/metrics", 405],
    ["HEAD", "/metrics", 200],
    ["GET", "/metrics?x=1", 200],
  ] as const;
  for (const [method, path, status] of cases) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    assert.equal(response.status, status, `${method} ${path}`);
  }
});

test("an address that is taken or impossible is refused by name", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  try {
    await assert.rejects(startPrometheusReader({ port }), {
      code: "PROMETHEUS_ADDRESS_IN_USE",
      message: new RegExp(`127\\.0\\.0\\.1:${port}`),
    });
    await assert.rejects(startPrometheusReader({ host: "192.0.2.1", port: 0 }), {
      code: "PROMETHEUS_ADDRESS_INVALID",
    });
  } finally {
    other.close();
  }
});

test("shutting down frees the port", async () => {
  const reader = await start();
  const { port } = reader.address;
  await provider?.shutdown();
  provider = undefined;
  const again = await startPrometheusReader({ port });
  assert.equal(again.address.port, port);
  await again.shutdown();
});

test("no request that makes no sense keeps the next one from its answer", async () => {
  const { address } = await start();
  for (const line of malformedRequests) {
    const answer = await sendRequest(address, line);
    assert.match(answer, /^(?:HTTP\/1\.1 4\d\d |$)/, JSON.stringify(line.slice(0, 60)));
    const { status } = await fetch(`http://${address.host}:${address.port}/metrics`);
    assert.equal(status, 200);
  }
});

test("what goes wrong between requests, as when there are no more files to open, is reported and ends nothing", async () => {
  const errors: unknown[] = [];
  const { address } = await start({ onError: (error) => errors.push(error) });
  const servers: Server[] = [];
  const onRequest = (message: unknown): void => void servers.push((message as { server: Server }).server);
  subscribe("http.server.request.start", onRequest);
  const readStatus = async (): Promise<number> =>
    (await fetch(`http://${address.host}:${address.port}/metrics`)).status;
  await readStatus();
  // As Node does where accept(2) fails.
  servers[0]?.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
  assert.equal(errors.length, 1);
  assert.equal(await readStatus(), 200);
  unsubscribe("http.server.request.start", onRequest);
});
