import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Declarations, DeclaredExporter } from "#otel-config/declaration.ts";
import { generateSettings } from "./generate-settings.ts";

const sample: DeclaredExporter = {
  name: "sample",
  description: "A place that only this test knows.",
  logs: {
    processors: ["batch"],
    settings: {
      place: { type: "string", default: "here", description: "Where it is." },
      places: {
        type: "array",
        items: { type: "string" },
        example: ["a", "b"],
        description: "Where they are.",
      },
      waitMs: {
        key: "wait",
        type: "integer",
        unit: "ms",
        minimum: 1,
        default: 5,
        description: "How long it waits.",
      },
      token: { type: "string", secret: true, example: "${TOKEN}", description: "What it must know." },
    },
    exclusive: [["place", "places"]],
  },
};
const declarations: Declarations = { exporters: [sample], sources: [], events: {} };
const own = ["file", "logger_provider.limits", "batch", "periodic", "distribution.kerntel", "containers"];

function plant(context: TestContext, subjects: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "kerntel-settings-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const folder of ["otel-config", "exporters/sample"])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "exporters/sample/README.md"), writeMarkers(subjects));
  writeFileSync(join(root, "otel-config/README.md"), own.map((name) => writeMarkers([name])).join("\n"));
  return root;
}

function writeMarkers(subjects: readonly string[]): string {
  return `Before.\n\n<!-- settings:begin ${subjects.join(" ")} -->\n<!-- settings:end -->\n\nBehind.\n`;
}

test("an exporter that declares itself is in the schema, in default.yaml and in its README", async (context) => {
  const root = plant(context, ["exporters.sample"]);
  assert.equal((await generateSettings(root, declarations, false)).length, 4);
  const schema = readFileSync(join(root, "otel-config/kerntel.schema.json"), "utf8");
  assert.ok(schema.includes('"sample": {'));
  assert.ok(schema.includes('"writeOnly": true'));
  const defaults = readFileSync(join(root, "otel-config/default.yaml"), "utf8");
  for (const line of [
    "    # A place that only this test knows.",
    "    #      sample:",
    "    #        place: here",
    "    #        #places: [a, b]",
    "    #        # How long it waits. Allowed: from 1 ms.",
    "    #        wait: 5",
  ])
    assert.ok(defaults.split("\n").includes(line), `${line}\nis not in\n${defaults}`);
  const readme = readFileSync(join(root, "exporters/sample/README.md"), "utf8");
  assert.match(readme, /^Before\.\n\n<!-- settings:begin exporters\.sample -->\n\n\| Key/);
  assert.match(readme, /\| `wait` +\| whole number from 1 ms +\| `5` +\| How long it waits\. +\|/);
  assert.match(readme, /\| `token` .*Secret\. *\|\n\n<!-- settings:end -->\n\nBehind\.\n$/);
  assert.deepEqual(await generateSettings(root, declarations, true), [], "it would be written again");
});

test("a part whose settings are in no README is refused by its name", async (context) => {
  const root = plant(context, ["file"]);
  await assert.rejects(
    generateSettings(root, declarations, true),
    /no README has the settings of exporters\.sample/,
  );
});

test("a table about an exporter that is not declared, and a marker without an end, are refused", async (context) => {
  const root = plant(context, ["exporters.other"]);
  await assert.rejects(
    generateSettings(root, declarations, true),
    /exporters\/sample\/README\.md: .*exporters\.other/,
  );
  writeFileSync(join(root, "exporters/sample/README.md"), "<!-- settings:begin exporters.sample -->\n");
  await assert.rejects(generateSettings(root, declarations, true), /README\.md: .*settings:end/);
});
