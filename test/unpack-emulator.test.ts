/** `setup/unpack-emulator.sh` with a QEMU of one version, and a package registry that is none. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

const script = "setup/unpack-emulator.sh";
const real = "bash chmod cat cp dirname dpkg env head mkdir mktemp rm sed".split(" ");

interface Run {
  readonly status: number | null;
  /** What was asked of apt-get, without its options. */
  readonly asked: readonly string[];
}

function qemu(version: string): string {
  return `#!/bin/sh\necho "QEMU emulator version ${version} (Debian)"\n`;
}

/** `downloaded`: the version of what the registry has. */
function unpack(context: TestContext, installed: string, downloaded?: string): Run {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-emulator-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const commands = join(folder, "commands");
  for (const name of [commands, join(folder, "setup")]) mkdirSync(name);
  cpSync(join(import.meta.dirname, "..", script), join(folder, script));
  for (const name of real)
    symlinkSync(spawnSync("which", [name], { encoding: "utf8" }).stdout.trim(), join(commands, name));
  const write = (name: string, text: string): void => {
    writeFileSync(join(commands, name), text, { mode: 0o755 });
  };
  write("qemu-system-x86_64", qemu(installed));
  write("newer", qemu(downloaded ?? ""));
  write(
    "apt-get",
    `#!/bin/sh
case "$*" in
indextargets*) echo "site bookworm-updates main"; echo "site bookworm main" ;;
*update) echo update >>${folder}/asked; ${downloaded === undefined ? "exit 100" : ""} ;;
*download*) echo "\${@#-*}" >>${folder}/asked; echo >one.deb ;;
esac
`,
  );
  write(
    "dpkg-deb",
    '#!/bin/sh\nmkdir -p "$3/usr/bin"\ncp "$(dirname "$0")/newer" "$3/usr/bin/qemu-system-x86_64"\n',
  );
  writeFileSync(join(folder, "asked"), "");
  const { status } = spawnSync(join(folder, script), { env: { PATH: commands }, encoding: "utf8" });
  return { status, asked: readFileSync(join(folder, "asked"), "utf8").split("\n").filter(Boolean) };
}

test("a QEMU that sees changed code is taken as it is", (context) => {
  for (const version of ["8.1.0", "10.0.2"])
    assert.deepEqual(unpack(context, version), { status: 0, asked: [] }, version);
});

test("for an older one the distribution's backports are asked, and what they have is looked at", (context) => {
  const { status, asked } = unpack(context, "7.2.22", "10.0.2");
  assert.equal(status, 0);
  assert.match(asked.join("\n"), /^update\n.*qemu-system-x86\/\S+-backports .*seabios\/\S+-backports$/);
  assert.equal(unpack(context, "7.2.22", "7.2.23").status, 1);
});

test("without backports it ends with an error, which set-up says and goes on", (context) => {
  const { status, asked } = unpack(context, "7.2.22");
  assert.notEqual(status, 0);
  assert.deepEqual(asked, ["update"]);
  const setUp = readFileSync(join(import.meta.dirname, "../setup/install.sh"), "utf8");
  assert.match(setUp, /setup\/unpack-emulator\.sh \|\| say "QEMU 8\.1 or newer could not be had/);
});
