/** What every declared setting must say, so that nothing that is made of it has a gap. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Setting, SettingGroup } from "#otel-config/declaration.ts";
import * as fileSettings from "#otel-config/file-settings.ts";
import { createEvents, declare } from "#receiver/declarations.ts";

const { exporters, sources, events } = declare(createEvents());
const groups: readonly SettingGroup[] = [
  ...Object.values(fileSettings),
  ...exporters.flatMap(({ logs, metrics }) => [logs, metrics].filter((group) => group !== undefined)),
  ...sources,
  ...Object.values(events).map((settings) => ({ settings })),
];
const settings = groups.flatMap(collect);

function collect(group: SettingGroup): (readonly [key: string, setting: Setting])[] {
  const own = Object.entries(group.settings).map(
    ([name, setting]) => [setting.key ?? name, setting] as const,
  );
  return own.concat(own.flatMap(([, setting]) => (setting.group ? collect(setting.group) : [])));
}

test("every number has its unit and its least value", () => {
  const numbers = settings.filter(([, { type }]) => type === "integer" || type === "number");
  assert.ok(numbers.length > 20);
  for (const [key, { unit, minimum, exclusiveMinimum }] of numbers) {
    assert.ok(unit !== undefined, key);
    assert.ok((minimum ?? exclusiveMinimum) !== undefined, key);
  }
});

test("every setting has a sentence, and a default or an example", () => {
  for (const [key, setting] of settings) {
    assert.match(setting.description, /^\S.*\.$/, key);
    assert.ok(setting.group !== undefined || (setting.default ?? setting.example) !== undefined, key);
  }
});

test("what is a secret by its name is declared as one", () => {
  const secret = /api_?key|password|token|secret|credential|^headers/;
  const named = settings.filter(([key, { format }]) => secret.test(key) && format !== "readable-file");
  assert.ok(named.length >= 4);
  for (const [key, setting] of named) assert.equal(setting.secret, true, key);
});

test("what a group says of its settings is said of settings that it has", () => {
  for (const { settings: own, exclusive = [], together = [], ordered = [] } of groups)
    for (const name of [exclusive, together, ordered].flat(2)) assert.ok(name in own, name);
});

test("a setting is declared once: where two exporters have the same key, they say the same of it", () => {
  for (const key of ["timeout", "compression", "ca_file"]) {
    const found = exporters
      .flatMap(({ logs, metrics }) => [logs, metrics].filter((group) => group !== undefined))
      .flatMap(collect)
      .filter(([other]) => other === key);
    assert.ok(found.length > 1, key);
    const said = found.map(([, setting]) => JSON.stringify({ ...setting, default: undefined }));
    assert.equal(new Set(said).size, 1, key);
  }
});
