import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import { keyOf } from "#otel-config/declaration.ts";
import type { SettingGroup } from "#otel-config/declaration.ts";
import { ConfigError } from "#otel-config/mistake.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import { findComplaints } from "./editor.ts";
import { configFile } from "./sample-declarations.ts";

const text = readFileSync(configFile("default.yaml"), "utf8");
const declarations = declare(createEvents());

/** A `#` without a single space behind it switches off, as the head of the file says. */
function switchOn(lines: string): string {
  return lines.replaceAll(/^( *)#(?! \S|$)/gm, "$1");
}

/** Of every group the lists of keys of which one may be given: alternatives, each with what belongs to it. */
function alternativesOf(group: SettingGroup): string[][][] {
  return (group.exclusive ?? []).map((names) =>
    Object.keys(group.settings)
      .filter((name) => names.includes(name))
      .map((name) => [name].concat((group.together ?? []).filter((list) => list.includes(name)).flat()))
      .map((list) => [...new Set(list)].map((name) => keyOf(group, name))),
  );
}

const groups = declarations.exporters.flatMap(({ name, logs, metrics }) =>
  [logs, metrics].flatMap((group) => (group ? [[name, group] as const] : [])),
);

/** Leaves of each exclusive group the alternative of that number, or the last. */
function choose(document: Document, number: number): string {
  for (const [name, group] of groups)
    for (const alternatives of alternativesOf(group)) {
      const chosen = alternatives[Math.min(number, alternatives.length - 1)] ?? [];
      const others = alternatives.flat().filter((key) => !chosen.includes(key));
      for (const section of findSections(document.contents, name))
        others.forEach((key) => deleteKey(section, key));
    }
  return document.toString();
}

/** The program looks at files too: any that is there stands for those that the examples name. */
function findMistakes(context: TestContext, changed: string): readonly unknown[] {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-editor-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "config.yaml");
  writeFileSync(path, changed.replaceAll(/(?<=_file: ).*/g, "/etc/hosts"));
  const environment = { ELASTICSEARCH_API_KEY: "a", ELASTICSEARCH_PASSWORD: "b" };
  try {
    return readConfig({ path, environment, declarations }).warnings;
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.mistakes;
  }
}

function findSections(node: unknown, name: string): Node[] {
  if (isSeq(node)) return node.items.flatMap((item) => findSections(item, name));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => [
    ...(isScalar(key) && key.value === name ? [value as Node] : []),
    ...findSections(value, name),
  ]);
}

function deleteKey(section: Node, key: string): void {
  if (isMap(section)) section.delete(key);
}

test("an editor finds nothing wrong with default.yaml", async () => {
  assert.deepEqual(await findComplaints(text), []);
});

for (const number of [0, 1]) {
  test(`an editor finds nothing wrong with all settings switched on, alternative ${number + 1} of each group; nor does the program`, async (context) => {
    const document = parseDocument(switchOn(switchOn(text)));
    assert.deepEqual(document.errors, []);
    const chosen = choose(document, number);
    assert.deepEqual(await findComplaints(chosen), []);
    assert.deepEqual(findMistakes(context, chosen), []);
    assert.equal(/^ *#\S/m.test(chosen), false, "a setting is still switched off");
    for (const [name, group] of groups)
      for (const alternatives of alternativesOf(group)) {
        const kept = alternatives.filter((keys) =>
          findSections(document.contents, name).some((section) => isMap(section) && section.has(keys[0])),
        );
        assert.deepEqual(kept, [alternatives[number]]);
      }
  });
}

test("default.yaml has every key of the schema", () => {
  const schema = JSON.parse(readFileSync(configFile("kerntel.schema.json"), "utf8")) as unknown;
  const document = parseDocument(switchOn(switchOn(text))).toJS() as unknown;
  const missing = new Set(keysOfSchema(schema)).difference(new Set(keysOf(document)));
  // The local log has its settings at the exporter; a simple processor is said in words.
  assert.deepEqual([...missing], ["simple"]);
});

function keysOfSchema(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { properties } = value as { readonly properties?: object };
  return [Object.keys(properties ?? {}), ...Object.values(value).map(keysOfSchema)].flat();
}

function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return [Object.keys(value), ...Object.values(value).map(keysOf)].flat();
}

const batch = (exporter: string): string =>
  `logger_provider: { processors: [{ batch: { exporter: ${exporter} } }] }`;
const kerntel = (section: string): string => `distribution: { kerntel: ${section} }`;

for (const [what, body, complaint] of [
  ["a key with a letter swapped", "log_levle: info", /log_levle/],
  ["a level that does not exist", "log_level: loud", /Valid values/],
  ["a number in quotes", batch('{ otlp_http: { timeout: "10" } }'), /integer/],
  ["an event that does not exist", kerntel("{ events: { dropwach: {} } }"), /dropwach/],
  ["a key that an event does not have", kerntel("{ events: { oom: { treshold_ms: 3 } } }"), /treshold_ms/],
  ["a threshold out of range", kerntel("{ events: { hungtask: { threshold_ms: -1 } } }"), /minimum/],
  ["two exporters in one processor", batch("{ console: , otlp_http: }"), /limit of 1|more properties/],
  [
    "two kinds of credentials",
    batch("{ elasticsearch: { api_key: a, username: b, password: c } }"),
    /exclude each other/,
  ],
  ["a user without a password", batch("{ elasticsearch: { username: a } }"), /password/],
  ["a source of containers that does not exist", kerntel("{ containers: { dokcer: {} } }"), /dokcer/],
  ["a processor without an exporter", "logger_provider: { processors: [{ batch: {} }] }", /exporter/],
  ["a list of events", kerntel("{ events: [oom] }"), /Incorrect type/],
] as const) {
  test(`an editor complains once of ${what}`, async () => {
    const found = await findComplaints(`file_format: "1.0"\n${body}\n`);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", complaint);
  });
}

test("an editor takes a reference to the environment where a number or a boolean is wanted", async () => {
  const body = kerntel('{ events: { oom: { enabled: "${OOM}" }, hungtask: { threshold_ms: "${MS:-5}" } } }');
  assert.deepEqual(await findComplaints(`file_format: "1.0"\n${body}\n`), []);
});
