/** Files that would take minutes or gigabytes: each is refused with a sentence, and at once. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { ConfigError } from "#otel-config/mistake.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";

const LIMIT_MS = 100;
/** What a busy machine may take for it. */
const DEADLINE_MS = 10 * LIMIT_MS;

const directory = mkdtempSync(join(tmpdir(), "kerntel-limits-"));
after(() => rmSync(directory, { recursive: true }));
const declarations = declare(createEvents());

function refuse(path: string, environment: NodeJS.ProcessEnv = {}): string {
  try {
    readConfig({ path, environment, declarations });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return "";
}

function write(name: string, text: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

// What the first file costs once: the checks of the top level are compiled.
refuse(write("first.yaml", "log_level: loud\n"));

function refuseInTime(context: TestContext, path: string, environment: NodeJS.ProcessEnv = {}): string {
  const start = performance.now();
  const message = refuse(path, environment);
  const elapsedMs = performance.now() - start;
  context.diagnostic(`${elapsedMs.toFixed()} ms, ${(elapsedMs / LIMIT_MS).toFixed(2)} of the limit`);
  assert.ok(elapsedMs < DEADLINE_MS, `${elapsedMs} ms`);
  return message;
}

function repeat(count: number, write_: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => write_(index)).join("");
}

const BIG = "x".repeat(128 * 1024 - 10);
const head = 'file_format: "1.0"\n';

for (const [what, text, words] of [
  ["20,000 aliases", `a: &a x\nb:\n${"  - *a\n".repeat(20_000)}`, /more than 5000 keys and values/],
  ["100,000 keys", repeat(100_000, (index) => `k${index}: 1\n`), /more than 5000 keys and values/],
  ["100,000 values in a list", `a: [${"1,".repeat(100_000)}]`, /more than 5000 keys and values/],
  [
    "aliases that multiply",
    repeat(12, (level) => `l${level}: &l${level} [${(level ? `*l${level - 1},` : "x,").repeat(10)}]\n`),
    /more than 5000 keys and values/,
  ],
  [
    "aliases that deepen",
    repeat(80, (level) => `l${level}: &l${level} [${level ? `*l${level - 1}` : "x"}]\n`),
    /more than 64 deep/,
  ],
  ["500,000 brackets", `a: ${"[".repeat(500_000)}`, /more than 64 deep/],
  ["lists of lists on one line", `- ${"- ".repeat(400_000)}`, /more than 64 deep/],
  ["keys of keys on one line", `? ${"? ".repeat(400_000)}`, /more than 64 deep/],
  ["levels by indentation", repeat(1_000, (level) => `${" ".repeat(level)}a:\n`), /more than 64 deep/],
  ["500,000 empty lines", "\n".repeat(500_000), /more than 40000 comments, spaces and empty lines/],
  ["two megabytes", `# ${"x".repeat(2 * 1024 * 1024)}\n`, /is larger than 1 MiB/],
  [
    "thousands of keys that are not known",
    repeat(2_000, (index) => `k${index}: 1\n`),
    /there are more mistakes/,
  ],
  ["a variable of 128 KiB, 150,000 times", `a: ${"${BIG}".repeat(150_000)}`, /what its references stand for/],
  [
    "a variable of 128 KiB in many places",
    `a:\n${"  - ${BIG}\n".repeat(1_000)}`,
    /what its references stand for/,
  ],
  ["bytes that are no text", Buffer.from([0x61, 0xff, 0xfe]), /is not text in UTF-8/],
] as const) {
  test(`refused at once: ${what}`, (context) => {
    const path = write("kerntel.yaml", typeof text === "string" ? head + text : text);
    assert.match(refuseInTime(context, path, { BIG }), words);
  });
}

test("the line of what is too much is told", () => {
  const path = write("deep.yaml", `${head}\n\na: ${"[".repeat(100)}\n`);
  assert.match(refuse(path), /^[^:]*:4:\d+: has maps and lists/);
});

test("a variable that YAML would make much of is a text", () => {
  const environment = { DEEP: "[".repeat(100_000), KEYS: `{${repeat(20_000, (index) => `k${index}: 1, `)}}` };
  const path = write("text.yaml", `${head}resource: { attributes: [{ name: a, value: x }] }\n`);
  assert.equal(refuse(path), "");
  writeFileSync(path, `${head}log_level: \${DEEP}\ndisabled: \${KEYS}\n`);
  const start = performance.now();
  assert.match(refuse(path, environment), /log_level: got a text from the environment/);
  assert.ok(performance.now() - start < DEADLINE_MS);
});

test("what is no regular file is refused, and nobody waits for its end", (context) => {
  const fifo = join(directory, "fifo");
  assert.equal(spawnSync("mkfifo", [fifo]).status, 0);
  const link = join(directory, "link");
  symlinkSync("/dev/zero", link);
  for (const path of [fifo, "/dev/zero", "/dev/null", link, directory])
    assert.equal(refuseInTime(context, path), `${path}: is not a regular file`);
});

test("a file that another program writes is refused, and never read in halves", async (context) => {
  const path = write("growing.yaml", head);
  const endless = `const { writeSync, openSync } = require("node:fs"); const file = openSync(process.argv[1], "r+");
    for (;;) writeSync(file, "#".repeat(65536), 20);`;
  const writer = spawn(process.execPath, ["-e", endless, path], { stdio: "ignore" });
  context.after(() => writer.kill("SIGKILL"));
  const until = Date.now() + 20_000;
  let message = "";
  while (!message.includes("was written to") && Date.now() < until) {
    message = refuseInTime(context, path);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(message, /was written to while it was read/);
});
