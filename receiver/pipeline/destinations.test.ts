import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { declare } from "../declarations.ts";
import { createDestinations } from "./destinations.ts";
import { readConfig } from "#otel-config/read-config.ts";

test("every remote exporter becomes a destination, whose name stays the same at the next start", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-destinations-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "config.yaml");
  writeFileSync(
    path,
    `file_format: "1.0"
logger_provider:
  processors:
    - batch: { exporter: { elasticsearch: { endpoints: ["https://a:9200", "https://b:9200"] } } }
    - batch: { exporter: { elasticsearch: { endpoint: "https://a:9200", data_stream: logs-other-default } } }
    - batch: { max_export_batch_size: 7, exporter: { otlp_grpc: } }
    - simple: { exporter: { otlp_http: } }
    - simple: { exporter: { console: } }
`,
  );
  const { logProcessors } = readConfig({ path, environment: {}, declarations: declare(new Map()) });
  const destinations = await createDestinations(logProcessors);
  assert.deepEqual(
    destinations.map(({ destination, batch }) => [destination.name, batch.maxExportBatchSize]),
    [
      ["elasticsearch/a:9200,b:9200/logs-kerntel.otel-default", 512],
      ["elasticsearch/a:9200/logs-other-default", 512],
      ["otlp_grpc/localhost:4317", 7],
      ["otlp_http/localhost:4318/v1/logs", 1],
    ],
  );
  await Promise.all(destinations.map(({ destination }) => destination.shutdown()));
});
