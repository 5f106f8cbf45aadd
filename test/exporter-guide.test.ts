/** Follows exporters/README.md word by word. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { copyTree, followGuide } from "./guide.ts";
import { makeTemporaryDirectory } from "./live/temporary-directory.ts";

const run = promisify(execFile);

function addLine(list: string, line: string): string {
  return list
    .replace(/\n];\n$/, `\n  ${line}\n];\n`)
    .replace(/\n\n/, '\nimport { webhook } from "./webhook/provider.ts";\n\n');
}

/** What the receiver does with a file that names the exporter. */
const sender = `
import { readConfig } from "./otel-config/read-config.ts";
import { declare } from "./receiver/declarations.ts";
import { createDestinations } from "./receiver/pipeline/destinations.ts";
import { createSampleRecord } from "./exporters/sample-record.ts";
const declarations = declare(new Map());
const { logProcessors } = readConfig({ path: "sent.yaml", environment: { TOKEN: "t0ken" }, declarations });
for (const { destination } of await createDestinations(logProcessors)) {
  const result = await destination.send([createSampleRecord("A")], new AbortController().signal);
  console.log(destination.name, result.kind);
}
`;

test("an exporter made by the guide is one folder and one line; it generates, type-checks, lints, is checked and sends", async (context) => {
  using directory = makeTemporaryDirectory();
  const tree = join(directory.path, "kerntel");
  mkdirSync(tree);
  copyTree(tree);
  const { written, changed } = followGuide(tree, "exporters/README.md", addLine);
  assert.ok(written.length > 0 && written.every((path) => path.startsWith("exporters/webhook/")));
  assert.deepEqual(changed, ["exporters/index.ts"]);

  const { stdout: generated } = await run(process.execPath, ["setup/generate/settings/main.ts"], {
    cwd: tree,
  });
  assert.deepEqual(generated.match(/\S+$/gm), [
    "otel-config/kerntel.schema.json",
    "otel-config/default.yaml",
    "exporters/webhook/README.md",
    "otel-config/README.md",
  ]);
  assert.match(readFileSync(join(tree, "exporters/webhook/README.md"), "utf8"), /Bearer token\. Secret\./);
  await run("node_modules/.bin/tsc", [], { cwd: tree });
  await run("node_modules/.bin/oxlint", ["--type-aware", "--deny-warnings", "exporters"], { cwd: tree });
  const tests = [
    "exporters/webhook/*",
    "test/configuration/editor",
    "test/configuration/declarations",
    "test/architecture",
  ];
  // Inside of a test, Node would leave out the tests that it is to run.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const files = tests.map((path) => `${path}.test.ts`);
  const tested = await run(process.execPath, ["--test", "--test-reporter=spec", ...files], {
    cwd: tree,
    env,
  });
  assert.ok(Number(/^ℹ pass (\d+)$/m.exec(tested.stdout)?.[1]) > 25, tested.stdout);

  const authorizations: unknown[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = `{ webhook: { url: "http://${host}/", token: "\${TOKEN}" } }`;
  writeFileSync(
    join(tree, "sent.yaml"),
    `file_format: "1.0"\nlogger_provider: { processors: [{ batch: { exporter: ${config} } }] }\n`,
  );
  writeFileSync(join(tree, "send.ts"), sender);
  const { stdout } = await run(process.execPath, ["send.ts"], { cwd: tree });
  assert.equal(stdout, `webhook/${host} delivered\n`);
  assert.deepEqual(authorizations, ["Bearer t0ken"]);
});
