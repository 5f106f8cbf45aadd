/** Holds our reader against `parseConfigFile` of `@opentelemetry/configuration`, which has the official schema. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseConfigFile } from "@opentelemetry/configuration";
import { parseConfigDocument } from "#otel-config/document.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import { configFile, declarations } from "./sample-declarations.ts";

const directory = mkdtempSync(join(tmpdir(), "kerntel-config-"));
after(() => rmSync(directory, { recursive: true }));

function write(text: string): string {
  const path = join(directory, "config.yaml");
  writeFileSync(path, text);
  return path;
}

const references: readonly (readonly [yaml: string, value: unknown])[] = [
  ["${A}", "text"],
  ["${env:A}", "text"],
  ["x${A}y${A}z", "xtextytextz"],
  ["${NUMBER}", 42],
  ['"${NUMBER}"', "42"],
  ["${FLAG}", true],
  ["${UNSET}", null],
  ["${UNSET:-}", null],
  ["${BLANK:-d}", "d"],
  ["${UNSET:-5}", 5],
  ["${UNSET:-a b:c}", "a b:c"],
  ["$$${A}", "$text"],
  ["$${A}", "${A}"],
  ["${STRUCTURE}", "{a: 1}"],
  ["${RECURSIVE}", "${A}"],
  ["a$b", "a$b"],
];

test("references are replaced as OpenTelemetry's own parser does", () => {
  const variables = {
    A: "text",
    NUMBER: "42",
    FLAG: "true",
    BLANK: " ",
    STRUCTURE: "{a: 1}",
    RECURSIVE: "${A}",
  };
  Object.assign(process.env, variables);
  for (const [yaml, value] of references) {
    const text = `file_format: "1.0"\nx: ${yaml}\n`;
    const { value: ours, mistakes } = parseConfigDocument({ text, file: "", environment: variables });
    assert.deepEqual(mistakes, [], yaml);
    assert.deepEqual(ours, { file_format: "1.0", x: value }, yaml);
    assert.deepEqual({ file_format: "1.0", ...parseConfigFile(write(text)) }, ours, yaml);
  }
});

test("what is accepted here, OpenTelemetry's own parser accepts and reads alike", () => {
  const environment = { PORT: "9999", TOKEN: "t0ken" };
  Object.assign(process.env, environment);
  const everything = new URL("everything.sample.yaml", import.meta.url).pathname;
  const all = declare(createEvents());
  for (const [path, declared] of [
    [everything, declarations],
    [configFile("default.yaml"), all],
    [configFile("examples/collector.yaml"), all],
  ] as const) {
    const text = readFileSync(path, "utf8");
    readConfig({ path, environment, declarations: declared });
    const { file_format, ...ours } = parseConfigDocument({ text, file: path, environment }).value as Record<
      string,
      unknown
    >;
    assert.match(String(file_format), /^1\.[01]$/);
    assert.deepEqual(parseConfigFile(path), ours);
  }
});
