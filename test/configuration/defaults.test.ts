import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import { configFile } from "./sample-declarations.ts";

const declarations = declare(createEvents());

test("without a word every source is queried, certificates are verified, and no label becomes an attribute", (context) => {
  const enabled = { enabled: true };
  const expected = {
    waitMs: 250,
    containerLabels: [],
    podLabels: [],
    sources: {
      containerd: enabled,
      cri: enabled,
      docker: enabled,
      podman: enabled,
      kubelet: { enabled: true, insecureSkipVerify: false },
    },
  };
  assert.deepEqual(readConfig({ environment: {}, declarations }).containers, expected);
  const empty = "wait_ms: null, container_labels: null, pod_labels: null, docker: null, kubelet: null";
  const directory = mkdtempSync(join(tmpdir(), "kerntel-config-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "config.yaml");
  writeFileSync(path, `file_format: "1.0"\ndistribution: { kerntel: { containers: { ${empty} } } }\n`);
  assert.deepEqual(readConfig({ path, environment: {}, declarations }).containers, expected);
});

test("default.yaml says what is done without a file", () => {
  const { file, ...config } = readConfig({ path: configFile("default.yaml"), environment: {}, declarations });
  assert.ok(file);
  assert.deepEqual(config, readConfig({ environment: {}, declarations }));
  const [reader] = config.metricReaders;
  assert.ok(reader?.kind === "pull");
  const { host, port } = reader.exporter.settings;
  assert.deepEqual([host, port], ["127.0.0.1", 9464]);
});
