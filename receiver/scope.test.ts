import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { SCHEMA_URL, scope } from "./scope.ts";

const root = new URL("../", import.meta.url);

function readVersion(file: string | URL): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

test("the schema URL names the version of the semantic conventions that is installed", () => {
  const entry = createRequire(root).resolve("@opentelemetry/semantic-conventions");
  const version = readVersion(join(dirname(entry), "..", "package.json"));
  assert.equal(SCHEMA_URL, `https://opentelemetry.io/schemas/${version}`);
});

test("the scope is the package, with the schema of its names", () => {
  const version = readVersion(new URL("package.json", root));
  assert.deepEqual(scope, { name: "kerntel", version, schemaUrl: SCHEMA_URL });
});
