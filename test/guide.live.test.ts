/** Follows events/README.md word by word, and runs what its command writes beside it. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyTree, followGuide } from "./guide.ts";
import { liveTest } from "./live/live-test.ts";
import { RunningKerntel, readMetric } from "./live/running-kerntel.ts";
import { makeTemporaryDirectory } from "./live/temporary-directory.ts";
import { waitUntil } from "./live/wait-until.ts";

const execute = promisify(execFile);

/** `npm run check`, without what a new event cannot change: style and lint of the other folders. */
async function check(tree: string): Promise<void> {
  const run = (file: string, ...args: string[]): Promise<unknown> => execute(file, args, { cwd: tree });
  const npm = (script: string, ...args: string[]): Promise<unknown> =>
    run("npm", "run", "--silent", script, ...args);
  await Promise.all([
    run("npx", "prettier", "--check", "events", "README.md", "otel-config", "exporters/elasticsearch"),
    npm("format:c", "--", "--dry-run", "--Werror"),
    run("npx", "oxlint", "--type-aware", "--deny-warnings", "events"),
    ...["types", "dead", "generated"].map((part) => npm(`check:${part}`)),
  ]);
}

liveTest("events made by the command and by the guide are checked, run and report", async () => {
  using directory = makeTemporaryDirectory();
  const tree = join(directory.path, "kerntel");
  mkdirSync(tree);
  copyTree(tree);
  // What lists files for a check lists those of a repository.
  await execute("git", ["init", "--quiet"], { cwd: tree });
  const { changed } = followGuide(tree, "events/README.md");
  const edited = ["telemetry.yaml", "README.md", "sigkill.bpf.c", "event.ts", "event.test.ts"];
  assert.deepEqual(changed, [
    "receiver/telemetry/telemetry.yaml",
    ...edited.map((file) => `events/sigkill/${file}`),
  ]);
  await execute("npm", ["run", "new-event", "task_exit", "tp_btf/sched_process_exit"], { cwd: tree });
  await check(tree);
  // Inside of a test, Node would leave out the tests that it is to run.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const tests = ["task_exit", "sigkill"].map((name) => `events/${name}/event.test.ts`);
  const { stdout } = await execute(
    process.execPath,
    ["--test", "--test-reporter=spec", ...tests, "test/architecture.test.ts"],
    { cwd: tree, env },
  );
  assert.match(stdout, /^ℹ pass 10$/m);
  const readme = readFileSync(join(tree, "events/sigkill/README.md"), "utf8");
  assert.match(readme, /kerntel_sigkill_occurrences_total/);
  const list = readFileSync(join(tree, "README.md"), "utf8");
  assert.match(
    list,
    /\| \[sigkill\]\(events\/sigkill\/README\.md\) +\| a process was sent SIGKILL: by whom +\|/,
  );

  // An event runs with its three own files and what is generated from them: the test and the README are for people.
  for (const file of ["event.test.ts", "README.md"]) rmSync(join(tree, "events/task_exit", file));

  await using kerntel = await RunningKerntel.start({
    launcher: join(tree, "kerntel"),
    events: "      sigkill: {}\n      task_exit: {}",
  });
  const victim = spawn("sleep", ["1000"]);
  victim.kill("SIGKILL");
  const kill = await waitUntil("the signal in the local log", async () =>
    (await kerntel.query("--event", "sigkill")).find(
      ({ attributes }) => attributes["process.pid"] === victim.pid,
    ),
  );
  assert.equal(kill.attributes["kerntel.sender.process.pid"], process.pid);
  assert.equal(kill.severity, 9);

  const ended = spawn("true");
  await once(ended, "exit");
  const exit = await waitUntil("the exit in the local log", async () =>
    (await kerntel.query("--event", "task_exit")).find(
      ({ attributes }) => attributes["process.pid"] === ended.pid,
    ),
  );
  assert.equal(exit.attributes["thread.name"], "true");
  assert.equal(exit.attributes["thread.id"], ended.pid);
  assert.equal(exit.attributes["kerntel.task_exit.group_dead"], true);
  assert.equal(exit.body, `sched_process_exit: true (${ended.pid}), group_dead true`);

  const metrics = await kerntel.metrics();
  for (const name of ["sigkill", "task_exit"])
    assert.ok((readMetric(metrics, `kerntel_${name}_occurrences_total`).get("") ?? 0) >= 1, name);
});
