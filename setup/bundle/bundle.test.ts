import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { bundle } from "./bundle.ts";

function plant(context: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "kerntel-bundle-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const main = `
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { state } from "./state.ts";
const require = createRequire(import.meta.url);
const { own } = require("./package/index.cjs") as { own: string };
const said: string[] = [own, readFileSync(new URL("beside.txt", import.meta.url), "utf8")];
said.push(readFileSync(join(import.meta.dirname, "beside.txt"), "utf8"), (await import("./later.ts")).later());
said.push(String(state.count), execFileSync(process.execPath, [fileURLToPath(new URL("child.ts", import.meta.url))], { encoding: "utf8" }));
const { METHODS } = await import("http");
console.log(said.join(" "), STATUS_CODES[418], METHODS.includes("GET"), fetch.name);
`;
const tree = {
  "package.json": '{ "type": "module" }',
  "program/main.ts": main,
  "program/beside.txt": "beside",
  "program/package/index.cjs": 'exports.own = require("node:path").basename("a/required");',
  "program/state.ts": "export const state: { count: number } = { count: 0 };",
  "program/later.ts":
    'import { state } from "./state.ts"; export const later = (): string => `later${++state.count}`;',
  "program/child.ts": 'process.stdout.write("child" satisfies string);',
};

test("bundled modules find what lies beside their sources, each other, and what they start", async (context) => {
  const root = plant(context, tree);
  const modules = { main: "program/main.ts", child: "program/child.ts" };
  await bundle({ root, modules, folder: "build/out" });
  for (const name of readdirSync(join(root, "program")).filter((file) => /\.(ts|cjs)$/.test(file)))
    rmSync(join(root, "program", name));
  const said = execFileSync(process.execPath, [join(root, "build/out/main.js")], { encoding: "utf8" });
  assert.equal(said, "required beside beside later1 1 child I'm a Teapot true fetch\n");
});

test("a module that starts one which is not bundled is refused by name", async (context) => {
  const root = plant(context, tree);
  await assert.rejects(
    bundle({ root, modules: { main: "program/main.ts" }, folder: "build/out" }),
    /program\/main\.ts starts child\.ts, which is not to be bundled/,
  );
});
