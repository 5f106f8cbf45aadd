/** Follows events/README.md word by word. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyTree, followGuide } from "./guide.ts";
import { liveTest } from "./live/live-test.ts";
import { RunningKerntel, readMetric } from "./live/running-kerntel.ts";
import { makeTemporaryDirectory } from "./live/temporary-directory.ts";
import { waitUntil } from "./live/wait-until.ts";

liveTest("an event made by the guide generates, type-checks, lints, runs and reports", async () => {
  using directory = makeTemporaryDirectory();
  const tree = join(directory.path, "kerntel");
  mkdirSync(tree);
  copyTree(tree);
  const { written, changed } = followGuide(tree, "events/README.md", (list) => list);
  assert.deepEqual([written.length, changed], [4, []], "files in the guide");
  const run = promisify(execFile);
  await run("npm", ["run", "--silent", "generate"], { cwd: tree });
  await run("node_modules/.bin/tsc", [], { cwd: tree });
  await run("node_modules/.bin/oxlint", ["--type-aware", "--deny-warnings", "events"], { cwd: tree });
  const readme = readFileSync(join(tree, "events/sigkill/README.md"), "utf8");
  assert.match(readme, /kerntel_sigkill_signals_total/);

  await using kerntel = await RunningKerntel.start({ launcher: join(tree, "kerntel") });
  const victim = spawn("sleep", ["1000"]);
  victim.kill("SIGKILL");
  const line = await waitUntil("the signal in the local log", async () =>
    (await kerntel.query("--event", "sigkill")).find(
      ({ attributes }) => attributes["process.pid"] === victim.pid,
    ),
  );
  assert.equal(line.attributes["kerntel.sigkill.sender.pid"], process.pid);
  assert.equal(line.severity, 9);
  const signals = readMetric(await kerntel.metrics(), "kerntel_sigkill_signals_total").get("") ?? 0;
  assert.ok(signals >= 1);
});
