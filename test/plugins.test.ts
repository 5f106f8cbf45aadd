/** A plug-in that cannot be used is refused by every command, with its line and nothing of its path. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runKerntel } from "./live/run-kerntel.ts";
import type { Outcome } from "./live/run-kerntel.ts";
import { makeTemporaryDirectory } from "./live/temporary-directory.ts";

const skip = process.getuid?.() === 0 ? false : "a plug-in must be root's, and only root can make one";

async function query(plugins: readonly string[], rest = ""): Promise<Outcome> {
  using directory = makeTemporaryDirectory();
  const [config, state] = [join(directory.path, "kerntel.yaml"), join(directory.path, "state")];
  const folders = plugins.map((text, index) => {
    const folder = join(directory.path, `plug-in-${index}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "plugin.js"), text);
    return folder;
  });
  const listed =
    folders.length === 0 ? "" : `\n    plugins:\n${folders.map((folder) => `      - ${folder}\n`).join("")}`;
  writeFileSync(
    config,
    `file_format: "1.0"\ndistribution:\n  kerntel:\n    state_directory: ${state}${listed}${rest}`,
  );
  const { code, out, err } = await runKerntel(["query", "--config", config]);
  assert.ok(
    folders.every((folder) => !err.includes(folder)),
    err,
  );
  return { code, out, err: err.replaceAll(`${config}:`, "") };
}

const event = (name: string, settings = "{}"): string =>
  `export default { apiVersion: 1, events: { ${name}: () => ({
     tracingData: { start: async () => {} }, event: { name: "kerntel.${name}", severity: 9 }, interval: 10, flag: 1,
     config: ${settings} }) } };`;

test("the settings of a plug-in's event are checked as those of any other", { skip }, async () => {
  const settings =
    '{ limit: { type: "integer", unit: "{record}", minimum: 1, default: 5, description: "A limit." } }';
  const right = await query([event("example", settings)], "    events: { example: { limit: 7 } }\n");
  assert.match(right.err, /^kerntel: there is no local log in /);
  const wrong = await query([event("example", settings)], "    events: { example: { limit: 0 } }\n");
  assert.deepEqual([wrong.code, wrong.out], [2, ""]);
  assert.match(wrong.err, /^kerntel: 7:26: distribution\.kerntel\.events\.example\.limit: /);
  const unknown = await query([], "\n    events: { example: {} }\n");
  assert.match(unknown.err, /^kerntel: 5:15: distribution\.kerntel\.events/);
});

const refused: Readonly<Record<string, readonly [plugins: readonly string[], problem: RegExp]>> = {
  "is no plug-in": [
    ["export const x = 1;"],
    /6:9: distribution\.kerntel\.plugins\[0\]: its module has no default export/,
  ],
  "does not parse": [["export default {"], /6:9: distribution\.kerntel\.plugins\[0\]: cannot be loaded: /],
  "throws when it is loaded": [
    ['throw new Error("at\\n" + import.meta.filename);'],
    /6:9: distribution\.kerntel\.plugins\[0\]: cannot be loaded: at …\/plugin\.js/,
  ],
  "imports what is not there": [['import "./missing.js";'], /cannot be loaded: .*missing\.js/],
  "takes the name of an event": [[event("oom")], /6:9: .*there is already an event "oom"/],
  "takes the name that another plug-in has": [
    [event("example"), event("example")],
    /7:9: distribution\.kerntel\.plugins\[1\]: there is already an event "example"/,
  ],
  "takes the name of an exporter": [
    [
      'export default { apiVersion: 1, exporters: [{ name: "console", description: "C.", logs: { settings: {} } }] };',
    ],
    /there is already an exporter "console"/,
  ],
};

for (const [title, [plugins, problem]] of Object.entries(refused)) {
  test(`a plug-in that ${title} is refused with its line`, { skip }, async () => {
    const { code, out, err } = await query(plugins);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, problem);
    assert.equal(err.trimEnd().split("\n").length, 1);
  });
}

test("a plug-in that others could change is not loaded", { skip }, async () => {
  using directory = makeTemporaryDirectory();
  const folder = join(directory.path, "plug-in");
  const config = join(directory.path, "kerntel.yaml");
  mkdirSync(folder);
  const witness = join(directory.path, "loaded");
  writeFileSync(
    join(folder, "plugin.js"),
    `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(witness)}, ""); export default { apiVersion: 1 };`,
  );
  chmodSync(folder, 0o777);
  writeFileSync(config, `file_format: "1.0"\ndistribution: { kerntel: { plugins: [${folder}] } }\n`);
  const { code, err } = await runKerntel(["events", "--config", config]);
  assert.equal(code, 2);
  assert.match(
    err,
    /plugins\[0\]: is not loaded, because a plug-in runs with all rights of Kerntel and must be root's alone/,
  );
  const { out } = await runKerntel(["query", "--config", config]);
  assert.equal(out, "");
  assert.throws(() => chmodSync(witness, 0), { code: "ENOENT" });
});

test("a list of plug-ins that is none, and a path that is not absolute, are mistakes with their lines", async () => {
  for (const list of ["5", "[relative/path]", "[5]", "{}"]) {
    const { code, err } = await query([], `\n    plugins: ${list}\n`);
    assert.equal(code, 2, list);
    assert.match(err, /^kerntel: 5:\d+: distribution\.kerntel\.plugins/, list);
  }
});
