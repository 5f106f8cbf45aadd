/** Wrong files, each with the line it must name and the words it must say. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";
import { describeCause } from "#exporters/system-error.ts";
import { ConfigError } from "#otel-config/mistake.ts";
import type { Mistake } from "#otel-config/mistake.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { declarations } from "./sample-declarations.ts";

const directory = mkdtempSync(join(tmpdir(), "kerntel-config-"));
after(() => rmSync(directory, { recursive: true }));

function findMistakes(text: string, environment: NodeJS.ProcessEnv = {}): readonly Mistake[] {
  const path = join(directory, "wrong.yaml");
  writeFileSync(path, text);
  try {
    readConfig({ path, environment, declarations });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "CONFIG_INVALID");
    for (const mistake of error.mistakes) assert.equal(mistake.file, path);
    return error.mistakes;
  }
  return [];
}

/** In YAML, because there the files read like files. */
const cases = parse(readFileSync(new URL("mistakes.cases.yaml", import.meta.url), "utf8")) as {
  readonly what: string;
  /** Line, and the key where one is told. */
  readonly at: string;
  readonly says: readonly string[];
  readonly file: string;
}[];

for (const { what, at, says, file } of cases) {
  test(`told with its line: ${what}`, () => {
    const mistakes = findMistakes(`file_format: "1.0"\n${file}`);
    const mistake = mistakes.find((candidate) => `${candidate.line} ${candidate.key}`.trim() === at);
    assert.ok(mistake, `no mistake at ${at}, but: ${JSON.stringify(mistakes, null, 1)}`);
    for (const words of says)
      assert.ok(mistake.problem.includes(words), `"${words}" is not in: ${mistake.problem}`);
  });
}

for (const [what, text, words] of [
  ["an empty file", "", "an object"],
  ["a list", "- a", "an object"],
  ["no format version", "log_level: info", '"file_format" is missing'],
  ["a format version that is a number", "file_format: 1.0", "in quotes"],
  ["a format that is too old", 'file_format: "0.4"', '"1.0" or "1.1"'],
  ["a format that is too new", 'file_format: "2.0"', '"1.0" or "1.1"'],
] as const) {
  test(`told: ${what}`, () => {
    const mistakes = findMistakes(text);
    assert.equal(mistakes.length, 1);
    assert.equal(mistakes[0]?.line, 1);
    assert.ok(mistakes[0]?.problem.includes(words), mistakes[0]?.problem);
  });
}

test("all mistakes are told at once, in the order of the file", () => {
  const mistakes = findMistakes(
    [
      'file_format: "1.0"',
      "log_level: loud",
      "distribution:",
      "  kerntel:",
      "    state_directory: ${A:?}",
      "    events: { dropwatch: { threshold_ms: 0, mode: slow } }",
      "nonsense: 1",
    ].join("\n"),
  );
  assert.deepEqual(
    mistakes.map(({ line }) => line),
    [2, 5, 6, 6, 7],
  );
});

function exporter(inside: string): string {
  return `file_format: "1.0"
logger_provider:
  processors:
    - simple:
        exporter:
          otlp_http:
            ${inside}
`;
}

function elasticsearch(inside: string): string {
  return `file_format: "1.0"
logger_provider: { processors: [{ batch: { exporter: { elasticsearch: { ${inside} } } } }] }
`;
}

test("secrets are not in any message", () => {
  const secret = "hunter2hunter2";
  const texts = [
    exporter(`headers: ${secret}`),
    exporter(`headers: { Authorization: ${secret} }`),
    exporter(`headers: [{ name: "bad name", value: "${secret}\\n" }]`),
    exporter(`headers: [{ name: X, value: [${secret}] }]`),
    exporter(`headers_list: ${secret}`),
    exporter("headers_list: ${SECRET}"),
    exporter(`endpoint: ftp://user:${secret}@host/`),
    exporter(`api_key: ${secret}`),
    exporter(`headers_list: \${TOKEN:?${secret}}`),
    exporter(`headers_list: *${secret}`),
    exporter(`headers_list: "${secret}`),
    exporter(`endpoint: {a: \${B}}\n            headers_list: "${secret}"\n            x: ${secret}`),
    elasticsearch(`api_key: "${secret}\\n"`),
    elasticsearch(`password: [${secret}]`),
    elasticsearch(`endpoint: https://kerntel:${secret}@host`),
    elasticsearch(`endpoints: ["https://kerntel:${secret}@host"]`),
    elasticsearch(`api_key: ${secret}, username: a, password: ${secret}`),
    `file_format: "1.0"\nresource: { attributes: [{ name: db_password, value: ["${secret}", 1], type: string }] }`,
  ];
  for (const text of texts) {
    const mistakes = findMistakes(text, { SECRET: secret });
    assert.ok(mistakes.length > 0, text);
    assert.ok(!JSON.stringify(mistakes).includes(secret), JSON.stringify(mistakes));
  }
});

test("a file that is not there is one sentence", () => {
  const path = join(directory, "none.yaml");
  assert.throws(() => readConfig({ path, environment: {}, declarations, describeCause }), {
    code: "CONFIG_INVALID",
    message: `${path}: cannot be read: there is no such file (ENOENT)`,
  });
});

test("an error prints one line per mistake that an editor can jump to", () => {
  const [mistake] = findMistakes('file_format: "1.0"\nlog_level: loud\n');
  assert.ok(mistake);
  const { message } = new ConfigError([mistake, { ...mistake, line: 0 }]);
  const [first = "", second = ""] = message.split("\n");
  assert.ok(first.startsWith(`${mistake.file}:2:1: log_level: got a text of 4 characters`), first);
  assert.ok(second.startsWith(`${mistake.file}: log_level:`), second);
});

test("aliases that multiply are refused, not expanded", () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const inner = level === 0 ? "x" : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array.from({ length: 10 }, () => inner).join(", ")}]`;
  });
  const mistakes = findMistakes(`file_format: "1.0"\n${levels.join("\n")}\n`);
  assert.ok(mistakes.some(({ problem }) => problem.includes("counted as what it stands for")));
});
