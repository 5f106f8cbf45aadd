/** The design's rules about folders, held against the tree; and against a small tree that breaks each of them. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { checkEvents } from "./architecture/event-rules.ts";
import { checkFiles } from "./architecture/file-rules.ts";
import { checkImports } from "./architecture/import-rules.ts";
import { readSourceTree } from "./architecture/source-tree.ts";

const root = join(import.meta.dirname, "..");

test("imports follow the arrows", () => {
  const files = readSourceTree(root);
  assert.ok(files.some(({ path }) => path === "receiver/tracing/contract.ts"));
  assert.deepEqual(checkImports(files), []);
});

test("files are small, well named, and reach only for what is theirs", () => {
  assert.deepEqual(checkFiles(readSourceTree(root)), []);
});

test("every event is listed and has all its files", () => {
  assert.deepEqual(checkEvents(root, readSourceTree(root)), []);
});

/** A file, and what must be said of it; nothing where it is fine. */
const planted: readonly (readonly [path: string, text: string, problem?: string])[] = [
  ["events/a/event.ts", 'import type { E } from "#receiver/tracing/contract.ts";'],
  ["events/b/event.ts", 'import { a } from "../a/event.ts";', "siblings"],
  ["events/c/event.ts", 'import type { R } from "#receiver/containers/read.ts";', "events may import"],
  ["events/c/c.live.test.ts", 'import { read } from "#receiver/containers/read.ts";'],
  ["events/c/provoke-late.ts", 'import { x } from "#test/provoke/x.ts";'],
  ["events/d/event.ts", 'import { load } from "bpf-loader-napi";', "only receiver and bpf"],
  ["events/shared.ts", 'export * from "#bpf/fields.ts";'],
  ["events/e/event.ts", 'import { s } from "../shared.ts";'],
  ["exporters/one/send.ts", 'import { x } from "../transport.ts";'],
  ["exporters/two/send.ts", 'import type { x } from "../one/send.ts";', "siblings"],
  ["exporters/three/send.ts", 'const x = await import("#otel-config/config.ts");', "nothing of ours"],
  ["exporters/four/send.ts", 'export { x } from "#receiver/main.ts";', "nothing of ours"],
  ["exporters/five/send.ts", 'type X = import("#bpf/fields.ts").X;', "nothing of ours"],
  ["bpf/read.ts", 'import "#events/index.ts";', "nothing of ours"],
  ["otel-config/wire.ts", 'import { s } from "./crossing.ts";'],
  ["otel-config/starts.ts", 'const x = await import("#exporters/one/send.ts");', "nothing of ours"],
  ["setup/generate/one.ts", 'import { x } from "#exporters/one/provider.ts";'],
  ["exporters/six/provider.ts", 'import { x } from "#setup/generate/one.ts";', "nothing of ours"],
  ["otel-config/wrong.ts", 'import {\n  type E,\n} from "#receiver/tracing/contract.ts";', "nothing of ours"],
  ["receiver/relative.ts", 'import { s } from "../exporters/one/send.ts";', "begin with #"],
  ["otel-config/crossing.ts", 'import { s } from "#otel-config/wire.ts";', "are relative"],
  ["otel-config/bare.ts", 'import { s } from "./wire";', "extension"],
  ["otel-config/commented.ts", '// import { x } from "#receiver/main.ts";\n/* process.env */'],
  ["receiver/shows.ts", 'import { x } from "#test/fixtures/x.ts";', "only tests"],
  ["receiver/shows.test.ts", 'import { x } from "#test/fixtures/x.ts"; process.exitCode = 1;'],
  ["bpf/layout/fixtures/sample.generated.ts", 'import { x } from "#receiver/tracing/contract.ts";'],
  ["exporters/one/fixtures/child.ts", "process.exit(Number(process.argv[2]));"],
  ["receiver/main.ts", "process.exitCode = process.argv.length;"],
  ["receiver/stops.ts", "process.exit(1);", "exit code"],
  ["receiver/prints.ts", 'console.log("x");', "console"],
  ["otel-config/reads.ts", 'const x = process.env["X"];', "environment"],
  ["otel-config/takes.ts", "const { env } = process;", "taken apart"],
  ["exporters/named.ts", 'import { argv } from "node:process";', "taken apart"],
  ["bpf/layout/main.ts", "process.exitCode = process.argv.length;"],
  ["receiver/string-utils.ts", "", "says nothing"],
  ["receiver/camelCase.ts", "", "kebab-case"],
  ["receiver/long.ts", "\n".repeat(251), "251 lines"],
  ["receiver/just.ts", "\n".repeat(250)],
  ["receiver/long.generated.ts", "\n".repeat(300)],
];

function plant(
  context: TestContext,
  files: readonly (readonly [path: string, text: string, ...unknown[]])[],
): string {
  const tree = mkdtempSync(join(tmpdir(), "kerntel-tree-"));
  context.after(() => rmSync(tree, { recursive: true }));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}

test("each planted violation is found, and nothing else", (context) => {
  const files = readSourceTree(plant(context, planted));
  const found = [...checkImports(files), ...checkFiles(files)];
  for (const [path, , problem] of planted) {
    const own = found.filter((line) => line.startsWith(`${path}:`) || line.startsWith(`${path} `));
    assert.equal(own.length, problem === undefined ? 0 : 1, `${path}: ${own.join("; ")}`);
    for (const line of own) assert.ok(line.includes(problem ?? ""), line);
  }
  assert.equal(found.length, planted.filter(([, , problem]) => problem !== undefined).length);
});

test("files that are long on the whole are found", (context) => {
  const tree = plant(context, [
    ["bpf/a.ts", "\n".repeat(81)],
    ["bpf/b.ts", "\n".repeat(90)],
    ["bpf/c.ts", "\n"],
  ]);
  assert.deepEqual(checkFiles(readSourceTree(tree)), ["the median file has 81 lines, at most 80"]);
});

test("an event that is not listed or not complete is found", (context) => {
  const complete = ["event.ts", "event.test.ts", "telemetry.yaml", "telemetry.generated.ts", "README.md"];
  const tree = plant(context, [
    ["events/index.ts", 'import "./oom/event.ts"; import "./polled/event.ts";'],
    ...complete.map((file) => [`events/oom/${file}`, ""] as const),
    ["events/oom/oom.bpf.c", ""],
    ...complete.map((file) => [`events/polled/${file}`, ""] as const),
    ...complete.slice(1).map((file) => [`events/forgotten/${file}`, ""] as const),
  ]);
  assert.deepEqual(checkEvents(tree, readSourceTree(tree)), [
    "events/index.ts does not list forgotten",
    "events/forgotten has no event.ts",
    "events/oom has no record.generated.ts",
  ]);
});
