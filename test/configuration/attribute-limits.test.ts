import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readConfig } from "#otel-config/read-config.ts";
import { declarations } from "./sample-declarations.ts";

const directory = mkdtempSync(join(tmpdir(), "kerntel-attribute-limits-"));
after(() => rmSync(directory, { recursive: true }));

function writeSection(key: string, keys: string): string {
  return keys === "" ? "" : [`${key}:`, ...keys.split(", ")].join("\n    ");
}

function readLimits(top: string, ofRecords: string): readonly number[] {
  const path = join(directory, "config.yaml");
  const lines = [
    'file_format: "1.0"',
    writeSection("attribute_limits", top),
    "logger_provider:",
    "  processors: [{ simple: { exporter: { console: } } }]",
    writeSection("  limits", ofRecords),
  ];
  writeFileSync(path, lines.filter((line) => line !== "").join("\n"));
  const environment = { LENGTH: "7" };
  const { valueLength, count } = readConfig({ path, environment, declarations }).attributeLimits;
  return [valueLength, count];
}

const cases: readonly (readonly [top: string, ofRecords: string, limits: readonly [number, number]])[] = [
  ["", "", [65_536, 128]],
  ["attribute_value_length_limit: 100", "", [100, 128]],
  ["attribute_count_limit: 10", "", [65_536, 10]],
  ["", "attribute_value_length_limit: 50", [50, 128]],
  ["", "attribute_count_limit: 5", [65_536, 5]],
  ["attribute_value_length_limit: 100, attribute_count_limit: 10", "attribute_count_limit: 20", [100, 20]],
  ["attribute_value_length_limit: 100", "attribute_value_length_limit: 1000000", [1_000_000, 128]],
  ["attribute_value_length_limit: 0, attribute_count_limit: 0", "", [0, 0]],
  ["attribute_count_limit: 10", "attribute_count_limit: 0", [65_536, 0]],
  ["attribute_count_limit: null", "attribute_count_limit: null", [65_536, 128]],
  ["attribute_count_limit: 10", "attribute_count_limit: ", [65_536, 10]],
  ["attribute_value_length_limit: ${LENGTH}", "attribute_value_length_limit: ${UNSET}", [7, 128]],
];

test("each limit is that of the log records, else that of the whole file, else the default", () => {
  for (const [top, ofRecords, expected] of cases)
    assert.deepEqual(readLimits(top, ofRecords), expected, `${top} | ${ofRecords}`);
});
