import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { KerntelConfig } from "#otel-config/config.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { declarations } from "./sample-declarations.ts";

const directory = mkdtempSync(join(tmpdir(), "kerntel-config-"));
after(() => rmSync(directory, { recursive: true }));

function write(text: string): string {
  const path = join(directory, "config.yaml");
  writeFileSync(path, text);
  return path;
}

function read(body: string, environment: NodeJS.ProcessEnv = {}): KerntelConfig {
  return readConfig({ path: write(`file_format: "1.0"\n${body}`), environment, declarations });
}

const everything = readFileSync(new URL("everything.sample.yaml", import.meta.url), "utf8");

const defaultBatch = {
  scheduleDelayMs: 1000,
  exportTimeoutMs: 30_000,
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
};

const simpleBatch = { ...defaultBatch, scheduleDelayMs: 0, maxExportBatchSize: 1 };

const environment = { PORT: "9999", TOKEN: "t0ken" };

test("every supported setting arrives, typed and with its unit", () => {
  const path = write(everything);
  const config = readConfig({ path, environment, declarations });
  assert.deepEqual(config, {
    file: path,
    disabled: false,
    logLevel: "debug",
    resourceAttributes: { rack: 7, zone: "west", room: "a b" },
    logProcessors: [
      {
        ...defaultBatch,
        maxQueueSize: 100,
        maxExportBatchSize: 100,
        exporter: {
          name: "otlp_http",
          settings: {
            endpoint: "https://collector:4318/v1/logs",
            headers: { Authorization: "Bearer t0ken" },
            headersList: { "authorization-too": "a=b", Authorization: "weaker" },
            compression: "gzip",
            maxRequestBytes: 20_971_520,
            onRefusal: "wait",
            timeoutMs: 2000,
            encoding: "json",
            tls: {},
          },
        },
      },
      {
        ...defaultBatch,
        exporter: {
          name: "elasticsearch",
          settings: {
            endpoint: "http://localhost:9200",
            endpoints: ["https://a:9200", "https://b:9200"],
            username: "kerntel",
            password: "t0ken",
            caFile: "/etc/hosts",
            dataStream: "logs-kernel-lab",
            compression: "none",
            timeoutMs: 5000,
            installTemplate: true,
            name: "search",
            maxRequestBytes: 1_000_000,
            onRefusal: "drop",
          },
        },
      },
      {
        ...defaultBatch,
        exporter: {
          name: "elasticsearch",
          settings: {
            endpoint: "http://localhost:9200",
            apiKey: "t0ken",
            dataStream: "logs-kerntel.otel-default",
            compression: "gzip",
            timeoutMs: 30_000,
            installTemplate: false,
            maxRequestBytes: 10_485_760,
            onRefusal: "wait",
          },
        },
      },
      {
        ...simpleBatch,
        exporter: {
          name: "otlp_grpc",
          settings: {
            endpoint: "https://collector:4317",
            headers: {},
            headersList: { a: "b" },
            compression: "none",
            maxRequestBytes: 4_194_304,
            onRefusal: "wait",
            timeoutMs: 7,
            tls: {},
          },
        },
      },
      { ...simpleBatch, exporter: { name: "console", settings: {} } },
    ],
    metricReaders: [
      {
        kind: "pull",
        exporter: {
          name: "prometheus/development",
          settings: {
            host: "::1",
            port: 9999,
            withScopeInfo: true,
            withTargetInfo: false,
            resourceLabels: { included: ["host.*"], excluded: ["host.id", "host.n?me"] },
            translationStrategy: "underscore_escaping_with_suffixes",
          },
        },
      },
      {
        kind: "periodic",
        intervalMs: 10_000,
        timeoutMs: 10_000,
        exporter: {
          name: "otlp_http",
          settings: {
            endpoint: "http://localhost:4318/v1/metrics",
            headers: {},
            headersList: {},
            temporalityPreference: "cumulative",
            defaultHistogramAggregation: "explicit_bucket_histogram",
            compression: "none",
            timeoutMs: 10_000,
            encoding: "protobuf",
            tls: {},
          },
        },
      },
      {
        kind: "periodic",
        intervalMs: 5000,
        timeoutMs: 5000,
        exporter: {
          name: "otlp_grpc",
          settings: {
            endpoint: "http://localhost:4317",
            headers: {},
            headersList: {},
            temporalityPreference: "cumulative",
            defaultHistogramAggregation: "explicit_bucket_histogram",
            compression: "gzip",
            timeoutMs: 10_000,
            tls: {},
          },
        },
      },
    ],
    attributeLimits: { valueLength: 1000, count: 64 },
    localLog: {
      settings: { maxSizeMib: 64, maxAgeDays: 0.5 },
      scheduleDelayMs: 250,
      exportTimeoutMs: 30_000,
      maxQueueSize: 10_000,
      maxExportBatchSize: 512,
    },
    stateDirectory: "/srv/kerntel",
    plugins: ["/usr/lib/kerntel/a", "/usr/lib/kerntel/b"],
    events: {
      oom: { enabled: false, settings: {} },
      dropwatch: { enabled: true, settings: { threshold_ms: 5, mode: "fast", interfaces: [], reasons: [] } },
    },
    containers: {
      waitMs: 20,
      containerLabels: ["team"],
      podLabels: ["app"],
      sources: {
        containerd: { enabled: true, socket: "/run/a.sock" },
        cri: { enabled: false, socket: "/run/b.sock" },
        docker: { enabled: true, socket: "/run/c.sock" },
        podman: { enabled: true, socket: "/run/d.sock" },
        kubelet: {
          enabled: true,
          endpoint: "https://node:10250",
          tokenFile: "/etc/hosts",
          caFile: "/etc/hosts",
          insecureSkipVerify: true,
        },
      },
    },
    warnings: [],
  });
});

test("a section that is left out keeps its default", () => {
  const config = read("distribution: { kerntel: { events: { oom: { enabled: false } } } }");
  assert.deepEqual(config.metricReaders, readConfig({ environment: {}, declarations }).metricReaders);
  assert.equal(config.events["dropwatch"]?.enabled, true);
});

test("disabled: true leaves nothing that sends", () => {
  const config = read(
    "disabled: true\nlogger_provider: { processors: [{ simple: { exporter: { console: } } }] }",
  );
  assert.equal(config.disabled, true);
  assert.deepEqual([...config.logProcessors, ...config.metricReaders], []);
});

test("what is not used is warned of with its line", () => {
  const { warnings } = read(
    "tracer_provider: { processors: [] }\npropagator: {}\ndistribution: { other: { a: 1 } }\n" +
      "logger_provider: { processors: [{ simple: { exporter: { otlp_http: { endpoint: http://a:4318 } } } }] }",
  );
  assert.deepEqual(
    warnings.map(({ line, key }) => `${line} ${key}`),
    [
      "2 tracer_provider",
      "3 propagator",
      "4 distribution.…",
      "5 logger_provider.processors[0].simple.exporter.otlp_http.endpoint",
    ],
  );
  assert.ok(warnings[3]?.problem.includes("/v1/logs"));
});

test("anchors serve more than one place", () => {
  const config = read(
    "logger_provider: { processors: [{ simple: { exporter: &to { otlp_http: { timeout: 5 } } } }, { simple: { exporter: *to } }] }",
  );
  assert.deepEqual(config.logProcessors[0], config.logProcessors[1]);
});
