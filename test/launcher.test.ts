import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { codeVariables } from "#receiver/code-variables.ts";

/** The launcher in a tree of its own, whose Node prints its arguments. */
function makeTree(context: TestContext, files: readonly string[]): string {
  const tree = mkdtempSync(join(tmpdir(), "kerntel launcher "));
  context.after(() => rmSync(tree, { recursive: true }));
  cpSync(join(import.meta.dirname, "../kerntel"), join(tree, "kerntel"));
  for (const file of files) {
    mkdirSync(join(tree, dirname(file)), { recursive: true });
    writeFileSync(join(tree, file), '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n', { mode: 0o755 });
  }
  return tree;
}

const isRoot = process.geteuid?.() === 0;
const IGNORES = "kerntel: root ignores variables that choose code or files:";

const setUp = ["node_modules/.bin/node", "bpf/loader/build/Release/bpf_loader.node"];

test("arguments and exit code pass through, also by a link from elsewhere", (context) => {
  const tree = makeTree(context, setUp);
  symlinkSync("kerntel", join(tree, "inner"));
  mkdirSync(join(tree, "bin"));
  symlinkSync("../inner", join(tree, "bin/kerntel"));
  const { status, stdout } = spawnSync(join(tree, "bin/kerntel"), ["run", "--config", "a b.yaml"], {
    cwd: "/",
    encoding: "utf8",
  });
  assert.deepEqual(stdout.split("\n"), [
    "--disable-sigusr1",
    join(tree, "receiver/main.ts"),
    "run",
    "--config",
    "a b.yaml",
    "",
  ]);
  assert.equal(status, 3);
});

test("the bundle is started, and the sources where one of them is newer", (context) => {
  const sources = ["receiver/main.ts", "events/oom/event.ts", "events/oom/event.test.ts"];
  const tree = makeTree(context, [...setUp, ...sources, "build/program/main.js"]);
  const date = (file: string, seconds: number): void => utimesSync(join(tree, file), seconds, seconds);
  const start = (): string =>
    spawnSync(join(tree, "kerntel"), ["run"], { encoding: "utf8" }).stdout.replace(`${tree}/`, "");
  for (const file of sources) date(file, 1_000);
  date("build/program/main.js", 2_000);
  assert.equal(start(), "--disable-sigusr1\nbuild/program/main.js\nrun\n");
  date("events/oom/event.test.ts", 3_000);
  assert.equal(start(), "--disable-sigusr1\nbuild/program/main.js\nrun\n");
  date("events/oom/event.ts", 3_000);
  assert.equal(start(), "--disable-sigusr1\nreceiver/main.ts\nrun\n");
});

test("SIGHUP has a handler before the first line of JavaScript, also where the path has a space and a colon", (context) => {
  const tree = makeTree(context, setUp);
  const place = join(tree, "a b:c");
  mkdirSync(join(place, "build/program"), { recursive: true });
  for (const file of ["kerntel", "node_modules", "bpf"]) renameSync(join(tree, file), join(place, file));
  rmSync(join(place, "node_modules/.bin/node"));
  symlinkSync(process.execPath, join(place, "node_modules/.bin/node"));
  const library = join(place, "build/program/hold-hangup.so");
  const source = join(import.meta.dirname, "../receiver/hold-hangup.c");
  const { status: compiled } = spawnSync("gcc", ["-O2", "-shared", "-fPIC", "-o", library, source]);
  assert.equal(compiled, 0);
  writeFileSync(
    join(place, "build/program/main.js"),
    `const { readdirSync, readFileSync, readlinkSync } = require("node:fs");
    const caught = /^SigCgt:.*(.)$/m.exec(readFileSync("/proc/self/status", "utf8"))[1];
    const isOpen = readdirSync("/proc/self/fd").includes("9") && readlinkSync("/proc/self/fd/9").endsWith(".so");
    console.log(JSON.stringify([parseInt(caught, 16) & 1, isOpen, process.env.LD_PRELOAD ?? ""]));`,
  );
  for (const given of ["", "libc.so.6"]) {
    const env = { ...process.env, LD_PRELOAD: given };
    const { stdout, stderr } = spawnSync(join(place, "kerntel"), ["run"], { encoding: "utf8", env });
    // What is preloaded into root's program, nobody else chooses.
    const isIgnored = isRoot && given !== "";
    assert.equal(stderr, isIgnored ? `${IGNORES} LD_PRELOAD\n` : "");
    assert.deepEqual(JSON.parse(stdout), [1, false, isIgnored ? "" : given]);
  }
});

for (const there of [[], setUp.slice(0, 1)]) {
  test(`says how to set up where only this is there: ${there.join() || "nothing"}`, (context) => {
    const tree = makeTree(context, there);
    const { status, stdout, stderr } = spawnSync(join(tree, "kerntel"), ["run"], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^kerntel: not set up yet; run: make -C \S.* setup\n$/);
  });
}

test("root's Node gets no variable that chooses code, no program of another's PATH is run, and others keep theirs", (context) => {
  if (!isRoot) return context.skip("only root is protected from its environment");
  const tree = makeTree(context, setUp);
  writeFileSync(join(tree, setUp[0] ?? ""), "#!/bin/sh\nexec env\n", { mode: 0o755 });
  const programs = join(tree, "programs");
  mkdirSync(programs);
  for (const name of ["id", "readlink", "dirname", "find", "env"])
    writeFileSync(join(programs, name), `#!/bin/sh\ntouch ${join(tree, "ran").replaceAll(" ", "\\ ")}\n`, {
      mode: 0o755,
    });
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(codeVariables.map((name) => [name, "/nowhere"])),
    // These would keep the shell itself from starting.
    LD_PRELOAD: undefined,
    LD_AUDIT: undefined,
    PATH: `${programs}:${process.env["PATH"]}`,
    TOKEN: "kept",
  };
  const start = (): Record<string, string> => {
    const { stdout, stderr } = spawnSync(join(tree, "kerntel"), ["run"], { encoding: "utf8", env });
    const named = codeVariables.filter((name) => env[name] !== undefined);
    assert.equal(stderr, `${IGNORES} ${named.join(" ")}\n`);
    const lines = stdout.trim().split("\n");
    return Object.fromEntries(lines.map((line) => line.split("=", 2) as [string, string]));
  };
  const seen = start();
  assert.equal(existsSync(join(tree, "ran")), false);
  assert.deepEqual(
    codeVariables.filter((name) => Object.hasOwn(seen, name)),
    [],
  );
  assert.equal(seen["TOKEN"], "kept");
  assert.equal(seen["PATH"], "/usr/sbin:/usr/bin:/sbin:/bin");
  const cache = join(tree, "build/program/compile-cache");
  mkdirSync(cache, { recursive: true });
  assert.equal(start()["NODE_COMPILE_CACHE"], cache);
});

test("users other than root keep their PATH and what they chose", (context) => {
  const tree = makeTree(context, setUp);
  writeFileSync(join(tree, setUp[0] ?? ""), '#!/bin/sh\necho "$PATH $NODE_OPTIONS"\n', { mode: 0o755 });
  chmodSync(tree, 0o755);
  const env = { PATH: "/bin:/usr/bin:/elsewhere", NODE_OPTIONS: "--trace-warnings" };
  const user = isRoot ? { uid: 54_321, gid: 54_321 } : {};
  const { stdout, stderr } = spawnSync(join(tree, "kerntel"), ["run"], { encoding: "utf8", env, ...user });
  assert.deepEqual([stdout, stderr], ["/bin:/usr/bin:/elsewhere --trace-warnings\n", ""]);
});
