/** Follows events/README.md word by word in a copy of the tree: a guide that does not work is worse than none. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { liveTest } from "./live/live-test.ts";
import { RunningKerntel, readMetric } from "./live/running-kerntel.ts";
import { makeTemporaryDirectory } from "./live/temporary-directory.ts";
import { waitUntil } from "./live/wait-until.ts";

const root = join(import.meta.dirname, "..");

/** The tracked files and what set-up builds, without what tests and checks alone need. */
function copyTree(target: string): void {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of listed.split("\n").filter(Boolean)) cpSync(join(root, file), join(target, file));
  cpSync(join(root, "bpf/loader/build/Release"), join(target, "bpf/loader/build/Release"), {
    recursive: true,
  });
  mkdirSync(join(target, "node_modules"));
  const modules = execFileSync("ls", ["-A", join(root, "node_modules")], { encoding: "utf8" });
  for (const name of modules.split("\n").filter((module) => module !== "" && module !== "bpf-loader-napi")) {
    symlinkSync(join(root, "node_modules", name), join(target, "node_modules", name));
  }
  // The workspace must be the copy's own: it is found by its real path.
  symlinkSync("../bpf/loader", join(target, "node_modules/bpf-loader-napi"));
}

function followGuide(tree: string): void {
  const guide = readFileSync(join(root, "events/README.md"), "utf8");
  let files = 0;
  for (const [, kind, path = "", text = ""] of guide.matchAll(/^```\w+ (file|append)=(\S+)\n(.*?)^```$/gms)) {
    files++;
    if (kind === "file") {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
      continue;
    }
    // "One line": into the list, and the import that it needs on top.
    const index = readFileSync(join(tree, path), "utf8");
    const withLine = index.replace(/\n}\n$/, `\n  ${text.trim()}\n}\n`);
    const withImport = withLine.replace(
      /^import/m,
      'import { createSigkill } from "./sigkill/event.ts";\nimport',
    );
    writeFileSync(join(tree, path), withImport);
  }
  assert.equal(files, 5, "files in the guide");
}

liveTest("an event made by the guide generates, type-checks, lints, runs and reports", async () => {
  using directory = makeTemporaryDirectory();
  const tree = join(directory.path, "kerntel");
  mkdirSync(tree);
  copyTree(tree);
  followGuide(tree);
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
