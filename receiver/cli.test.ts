import assert from "node:assert/strict";
import { test } from "node:test";
import { collectCommand } from "./collected-command.ts";
import type { CollectedCommand } from "./collected-command.ts";

function run(...args: readonly string[]): Promise<CollectedCommand> {
  return collectCommand(args, { KERNTEL_STATE_DIR: "/nonexistent/kerntel" });
}

for (const args of [["--help"], ["help"], ["-h"], ["run", "--help"], ["query", "-h"]]) {
  test(`"kerntel ${args.join(" ")}" shows how it is used on stdout and ends with 0`, async () => {
    const { code, out, err } = await run(...args);
    assert.equal(code, 0);
    assert.match(out, /kerntel query +\[--config FILE\]/);
    assert.equal(err, "");
  });
}

const wrong: readonly [args: readonly string[], says: RegExp][] = [
  [[], /no command given/],
  [["wtach"], /unknown command "wtach"/],
  [["toString"], /unknown command "toString"/],
  [["run", "--verbose"], /--verbose/],
  [["query", "now"], /now/],
  [["query", "--event", "opm"], /--event opm: there is no such event, only .*dropwatch.*oom/],
  [["query", "--container", "a/b"], /--container a\/b: this contains a slash/],
  [["query", "--container", ""], /--container : this is empty/],
  [["query", "--container", "x".repeat(256)], /this is longer than 255 bytes/],
  [["query", "--limit", "-5"], /'--limit' argument is ambiguous\. Did you forget/],
  [["query", "--limit", "0"], /--limit 0: a number from 1 up/],
  [["query", "--since", "yesterday"], /--since yesterday: a time such as/],
];
for (const [args, says] of wrong) {
  test(`"kerntel ${args.join(" ")}" says what is wrong and ends with 2`, async () => {
    const { code, out, err } = await run(...args);
    assert.equal(code, 2);
    assert.match(err, says);
    assert.equal(out, "");
  });
}

test("a configuration that cannot be read ends with 2 and names the file", async () => {
  const { code, err } = await run("events", "--config", "/nonexistent.yaml");
  assert.equal(code, 2);
  assert.equal(err, "kerntel: /nonexistent.yaml: cannot be read: there is no such file (ENOENT)\n");
});

test("asking where nothing runs and nothing was stored ends with 1", async () => {
  const events = await run("events");
  assert.equal(events.code, 1);
  assert.match(events.err, /no kerntel is running with the state directory \/nonexistent\/kerntel/);
  const query = await run("query");
  assert.equal(query.code, 1);
  assert.match(query.err, /there is no local log in \/nonexistent\/kerntel/);
});
