import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { EventSchemas, KerntelConfig } from "./config.ts";
import schema from "./kerntel.schema.json" with { type: "json" };
import { readConfig } from "./read-config.ts";

const directory = mkdtempSync(join(tmpdir(), "kerntel-config-"));
after(() => rmSync(directory, { recursive: true }));

const events: EventSchemas = {
  oom: {},
  dropwatch: {
    threshold_ms: { type: "integer", description: "", default: 5, minimum: 1 },
    reasons: { type: "array", description: "", default: ["NO_SOCKET"], items: { type: "string" } },
  },
};

function write(text: string): string {
  const path = join(directory, "config.yaml");
  writeFileSync(path, text);
  return path;
}

function read(body: string, environment: NodeJS.ProcessEnv = {}): KerntelConfig {
  return readConfig({ path: write(`file_format: "1.0"\n${body}`), environment, events });
}

function findFile(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

const everything = readFileSync(findFile("everything.sample.yaml"), "utf8");
/** The names below every `properties`. */
function collectKeys(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = key === "properties" ? Object.keys(inner as object) : [];
    return own.concat(collectKeys(inner));
  });
}

const defaultBatch = {
  scheduleDelayMs: 1000,
  exportTimeoutMs: 30_000,
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
};

const environment = { PORT: "9999", TOKEN: "t0ken" };

test("every supported setting arrives, typed and with its unit", () => {
  const path = write(everything);
  const config = readConfig({ path, environment, events });
  assert.deepEqual(config, {
    file: path,
    disabled: false,
    logLevel: "debug",
    resourceAttributes: { rack: 7, zone: "west", room: "a b" },
    logProcessors: [
      {
        kind: "batch",
        scheduleDelayMs: 1000,
        exportTimeoutMs: 30_000,
        maxQueueSize: 100,
        maxExportBatchSize: 100,
        exporter: {
          kind: "otlp_http",
          endpoint: "https://collector:4318/v1/logs",
          headers: { Authorization: "Bearer t0ken", "authorization-too": "a=b" },
          compression: "gzip",
          timeoutMs: 2000,
          encoding: "json",
          tls: {},
        },
      },
      {
        kind: "batch",
        ...defaultBatch,
        exporter: {
          kind: "elasticsearch",
          endpoints: ["https://a:9200", "https://b:9200"],
          username: "kerntel",
          password: "t0ken",
          caFile: "/etc/hosts",
          dataStream: "logs-kernel-lab",
          compression: "none",
          timeoutMs: 5000,
          installTemplate: true,
        },
      },
      {
        kind: "batch",
        ...defaultBatch,
        exporter: {
          kind: "elasticsearch",
          endpoints: ["http://localhost:9200"],
          apiKey: "t0ken",
          dataStream: "logs-kerntel.otel-default",
          compression: "gzip",
          timeoutMs: 30_000,
          installTemplate: false,
        },
      },
      {
        kind: "simple",
        exporter: {
          kind: "otlp_grpc",
          endpoint: "https://collector:4317",
          headers: { a: "b" },
          compression: "none",
          timeoutMs: 7,
          tls: {},
        },
      },
      { kind: "simple", exporter: { kind: "console" } },
    ],
    metricReaders: [
      {
        kind: "pull",
        exporter: {
          kind: "prometheus",
          host: "::1",
          port: 9999,
          withoutScopeInfo: false,
          withoutTargetInfo: true,
          resourceLabelPattern: "^(?!(?:host\\.id|host\\.n.me)$)(?:host\\..*)$",
        },
      },
      {
        kind: "periodic",
        intervalMs: 10_000,
        timeoutMs: 10_000,
        exporter: {
          kind: "otlp_http",
          endpoint: "http://localhost:4318/v1/metrics",
          headers: {},
          compression: "none",
          timeoutMs: 10_000,
          encoding: "protobuf",
          tls: {},
        },
      },
      {
        kind: "periodic",
        intervalMs: 5000,
        timeoutMs: 5000,
        exporter: {
          kind: "otlp_grpc",
          endpoint: "http://localhost:4317",
          headers: {},
          compression: "gzip",
          timeoutMs: 10_000,
          tls: {},
        },
      },
    ],
    localLog: {
      maxSizeBytes: 64 * 1024 * 1024,
      maxAgeMs: 12 * 60 * 60 * 1000,
      scheduleDelayMs: 250,
      exportTimeoutMs: 30_000,
      maxQueueSize: 10_000,
      maxExportBatchSize: 512,
    },
    stateDirectory: "/srv/kerntel",
    events: {
      oom: { enabled: false, settings: {} },
      dropwatch: { enabled: true, settings: { threshold_ms: 5, reasons: [] } },
    },
    containers: {
      waitMs: 20,
      containerLabels: ["team"],
      podLabels: ["app"],
      containerd: { enabled: true, address: "/run/a.sock" },
      cri: { enabled: false, endpoint: "/run/b.sock" },
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
    warnings: [],
  });
});

test("default.yaml says what is done without a file", () => {
  const { file, ...config } = readConfig({ path: findFile("default.yaml"), environment: {}, events });
  assert.ok(file);
  assert.deepEqual(config, readConfig({ environment: {}, events }));
  const [reader] = config.metricReaders;
  assert.ok(reader?.kind === "pull");
  assert.equal(`${reader.exporter.host}:${reader.exporter.port}`, "127.0.0.1:9464");
});

test("default.yaml shows every key of the schema", () => {
  const text = readFileSync(findFile("default.yaml"), "utf8");
  const keys = [
    ...JSON.stringify(schema).matchAll(/"properties":(\{.*?\}(?=,"(?:unsupported|type|notAbove)|\}))/g),
  ];
  assert.ok(keys.length > 5);
  const missing = new Set(collectKeys(schema)).difference(new Set(text.match(/[\w/]+/g)));
  assert.deepEqual([...missing], []);
});

test("a section that is left out keeps its default", () => {
  const config = read("distribution: { kerntel: { events: { oom: { enabled: false } } } }");
  assert.deepEqual(config.metricReaders, readConfig({ environment: {}, events }).metricReaders);
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
      "4 distribution.other",
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
