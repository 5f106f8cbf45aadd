/** Which package is asked for, on machines whose apt knows other packages than this one's. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fetchKernel } from "./debian-kernel.ts";

const skip = !existsSync("/usr/bin/dpkg") && "needs dpkg, to compare versions";

/** An apt that knows these packages and cannot download. Returns an empty cache. */
function replaceApt(context: TestContext, packages: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-apt-"));
  const path = process.env["PATH"] ?? "";
  context.after(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });
  const names = Object.keys(packages).map((name) => `${name} - Linux`);
  const shown = Object.entries(packages).map(
    ([name, version]) => `Package: ${name}\nSource: linux\nVersion: ${version}\n`,
  );
  const answer = `case $1 in search) cat <<'E'\n${names.join("\n")}\nE\n;; show) cat <<'E'\n${shown.join("\n")}\nE\nesac`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/apt-cache"), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  writeFileSync(join(folder, "bin/apt-get"), '#!/bin/sh\necho "no network" >&2; exit 100\n', { mode: 0o755 });
  process.env["PATH"] = `${join(folder, "bin")}:${path}`;
  return join(folder, "cache");
}

test("the newest version is asked for, as Debian counts", { skip }, (context) => {
  const cache = replaceApt(context, {
    "linux-image-6.12.9+deb12-cloud-amd64": "6.12.9-1~deb12u1",
    "linux-image-6.12.117+deb12-cloud-amd64": "6.12.117-1~deb12u1",
    "linux-image-6.12.30+deb12-cloud-amd64": "6.12.30-1",
  });
  assert.throws(() => fetchKernel("6.12", cache), {
    code: "VM_UNAVAILABLE",
    message: /linux-image-6\.12\.117\+deb12-cloud-amd64=6\.12\.117-1~deb12u1 ended with 100:\nno network/,
  });
});

test("without a package, the newest kernel of an earlier run is taken", { skip }, (context) => {
  const cache = replaceApt(context, {});
  for (const version of ["6.12.9-1", "6.12.30-1", "6.1.200-1"]) {
    mkdirSync(join(cache, version, "boot"), { recursive: true });
    writeFileSync(join(cache, version, "boot/vmlinuz-6.x-cloud-amd64"), "");
    mkdirSync(join(cache, version, "lib/modules"), { recursive: true });
  }
  assert.equal(fetchKernel("6.12", cache).version, "6.12.30-1");
  assert.equal(fetchKernel("6.1", cache).release, "6.x-cloud-amd64");
  assert.throws(() => fetchKernel("6.18", cache), {
    code: "VM_UNAVAILABLE",
    message: "apt has no package linux-image-6.18.*-cloud-amd64",
  });
});
