/** SECURITY.md says of every map of a BPF program who can fill it, whom that hurts, and what is counted. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { openObject } from "bpf-loader-napi";

const root = join(import.meta.dirname, "..");

/** As `cgroups/pairs`; variables, of which libbpf makes maps of a fixed size, are left out. */
function findMaps(): string[] {
  return globSync("{events,receiver}/*/*.bpf.o", { cwd: root }).flatMap((path) => {
    using object = openObject(pathToFileURL(join(root, path)));
    return object.maps.map((name) => `${basename(path, ".bpf.o")}/${name}`);
  });
}

/** Names in the first column, each with the other columns. */
function readRows(text: string): Map<string, readonly string[]> {
  const [, rows = ""] = /<!-- tables:begin maps -->(.*)<!-- tables:end -->/s.exec(text) ?? [];
  return new Map(
    [...rows.matchAll(/^\| `([^`]+)` *\|(.*)\|$/gm)].map(([, name = "", cells = ""]) => [
      name,
      cells.split("|").map((cell) => cell.trim()),
    ]),
  );
}

/** `*` stands for every object. */
function findRow(rows: ReadonlyMap<string, unknown>, map: string): string | undefined {
  return [map, map.replace(/^[^/]*/, "*")].find((name) => rows.has(name));
}

const rows = readRows(readFileSync(join(root, "SECURITY.md"), "utf8"));

test("every map of every BPF object has a row in SECURITY.md, with every column filled", () => {
  const maps = findMaps();
  assert.ok(maps.length > 40, `${maps.length} maps`);
  assert.deepEqual(
    maps.filter((map) => findRow(rows, map) === undefined),
    [],
  );
  for (const [name, cells] of rows) {
    assert.equal(cells.length, 5, name);
    assert.ok(!cells.includes(""), name);
  }
});

test("no row is of a map that is there no more", () => {
  const used = new Set(findMaps().map((map) => findRow(rows, map)));
  assert.deepEqual(
    [...rows.keys()].filter((name) => !used.has(name)),
    [],
  );
});

test("a map without a row is found", () => {
  assert.equal(findRow(rows, "cgroups/pairs"), "cgroups/pairs");
  assert.equal(findRow(rows, "oom/records"), "*/records");
  assert.equal(findRow(rows, "oom/pairs"), undefined);
  assert.equal(findRow(rows, "new/map"), undefined);
});
