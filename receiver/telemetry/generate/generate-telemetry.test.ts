import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { programText, renamedText, sampleText } from "../sample-files.ts";
import { generateTelemetry } from "./generate-telemetry.ts";

const markers = "# Title\n\nBefore.\n\n<!-- telemetry:begin -->\n<!-- telemetry:end -->\n\nAfter.\n";
const all = [
  "receiver/telemetry/telemetry.generated.ts",
  "receiver/telemetry/README.md",
  "events/sample/telemetry.generated.ts",
  "events/sample/README.md",
  "exporters/elasticsearch/attributes.generated.ts",
  "exporters/double-attributes.generated.ts",
  "docs/renamed.md",
];

function makeTree(context: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "telemetry-"));
  context.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "events/sample"), { recursive: true });
  mkdirSync(join(root, "receiver/telemetry"), { recursive: true });
  mkdirSync(join(root, "exporters/elasticsearch"), { recursive: true });
  mkdirSync(join(root, "docs"));
  const content = {
    ".prettierrc.json": '{ "printWidth": 110 }',
    "receiver/telemetry/telemetry.yaml": programText,
    "receiver/telemetry/README.md": markers,
    "receiver/telemetry/renamed.yaml": renamedText,
    "events/sample/telemetry.yaml": sampleText,
    "events/sample/README.md": markers,
    ...files,
  };
  for (const [path, text] of Object.entries(content)) writeFileSync(join(root, path), text);
  return root;
}

test("writes code and tables once; a check names what differs and leaves it", async (context) => {
  const root = makeTree(context);
  assert.deepEqual(await generateTelemetry(root, true), all);
  assert.equal(readFileSync(join(root, "events/sample/README.md"), "utf8"), markers);
  assert.deepEqual(await generateTelemetry(root, false), all);
  assert.deepEqual(await generateTelemetry(root, true), []);
  writeFileSync(
    join(root, "events/sample/telemetry.yaml"),
    sampleText.replace("severity: 17", "severity: 13"),
  );
  assert.deepEqual(await generateTelemetry(root, true), all.slice(2, 4));
});

/** Kept apart, so that the text below is not taken for an import of this file. */
const contract = "#receiver/tracing/contract.ts";

test("types say which attributes are required, and which values an enum has", async (context) => {
  const root = makeTree(context);
  await generateTelemetry(root, false);
  assert.equal(
    readFileSync(join(root, "events/sample/telemetry.generated.ts"), "utf8"),
    `// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from ${JSON.stringify(contract)};

/** A sample was taken. */
export interface KerntelSampleAttributes {
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid": number;
  /** What the shortage was confined to. */
  readonly "kerntel.sample.constraint"?: "none" | "memcg";
  /** Sizes of this sample. */
  readonly "kerntel.sample.sizes"?: readonly number[];
  /** Age, in seconds. */
  readonly "kerntel.sample.age"?: number;
}

export const kerntelSampleEvent = { name: "kerntel.sample", severity: 17 } as const;

/** How long samples took. */
export const kerntelSampleDuration: MetricDefinition<{
  /** Why it happened. */
  readonly "kerntel.sample.reason": string;
  /** Transport protocol: tcp, udp, … */
  readonly "network.transport"?: string;
}> = {
  name: "kerntel.sample.duration",
  unit: "s",
  description: "How long samples took.",
  instrument: "histogram",
};

/** Samples that failed. */
export const kerntelSampleFailures: MetricDefinition<Record<string, never>> = {
  name: "kerntel.sample.failures",
  unit: "{failure}",
  description: "Samples that failed.",
  instrument: "counter",
};
`,
  );
});

test("field types of Elasticsearch follow from the types of the attributes of log records", async (context) => {
  const root = makeTree(context);
  await generateTelemetry(root, false);
  const text = readFileSync(join(root, all[4] ?? ""), "utf8");
  assert.deepEqual(text.match(/"[\w.]+": "\w+"/g), [
    '"kerntel.sample.age": "double"',
    '"kerntel.sample.constraint": "keyword"',
    '"kerntel.sample.sizes": "long"',
    '"log.record.uid": "keyword"',
    '"process.pid": "long"',
  ]);
});

test("tables stand between the markers, with the names of Prometheus, and the words around them stay", async (context) => {
  const root = makeTree(context);
  await generateTelemetry(root, false);
  const readme = readFileSync(join(root, "events/sample/README.md"), "utf8");
  assert.ok(
    readme.startsWith(
      "# Title\n\nBefore.\n\n<!-- telemetry:begin -->\n\n**Log record `kerntel.sample`**, severity ERROR (17).",
    ),
  );
  assert.ok(readme.endsWith("\n\n<!-- telemetry:end -->\n\nAfter.\n"));
  const rows = new Set(readme.split("\n").map((line) => line.replace(/\s+/g, " ")));
  const pid = "https://opentelemetry.io/docs/specs/semconv/registry/attributes/process/";
  for (const row of [
    `| [\`process.pid\`](${pid}) | int | always | Process id (thread group id), in the initial pid namespace. |`,
    "| `kerntel.sample.constraint` | one of a few | if known | What the shortage was confined to. Left out where unknown \\| unknowable. Values: `none` (The whole machine), `memcg`. |",
    "| `kerntel.sample.sizes` | int[] | where known | Sizes of this sample. For example `4096`. |",
    "| `kerntel.sample.duration` | `kerntel_sample_duration_seconds` | histogram, `s` | `kerntel.sample.reason` as `kerntel_sample_reason`, `network.transport` as `network_transport` | How long samples took. |",
  ])
    assert.ok(rows.has(row), row);
});

test("a README without its markers, or none at all, is refused by its path", async (context) => {
  const bare = makeTree(context, { "events/sample/README.md": "# Title\n" });
  await assert.rejects(
    generateTelemetry(bare, false),
    /^Error: events\/sample\/README\.md: needs one line <!-- telemetry:begin/,
  );
  const twice = makeTree(context, { "events/sample/README.md": markers + markers });
  await assert.rejects(generateTelemetry(twice, false), /needs one line/);
  rmSync(join(bare, "events/sample/README.md"));
  await assert.rejects(generateTelemetry(bare, false), /events\/sample\/README\.md is missing/);
});

test("old names lead to new ones, as OTLP and as Prometheus has them, with what became of the value", async (context) => {
  const root = makeTree(context);
  await generateTelemetry(root, false);
  const page = readFileSync(join(root, "docs/renamed.md"), "utf8");
  const rows = new Set(page.split("\n").map((line) => line.replace(/\s+/g, " ")));
  for (const row of [
    "| `kerntel.sample.elapsed` | `kerntel.sample.age` | seconds as double; were nanoseconds as an integer: divide by 1,000,000,000 |",
    "| `kerntel.sample.bytes` | `kerntel.sample.sizes` | the same |",
    "| `why` | `kerntel_sample_reason` | `kerntel.sample.reason` | `kerntel_sample_duration_seconds` |",
    "| `kerntel.sample.faults` | `kerntel.sample.failures` | `kerntel_sample_failures_total` |",
  ])
    assert.ok(rows.has(row), row);
});
