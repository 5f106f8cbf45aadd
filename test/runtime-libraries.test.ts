/** What Node and the addon link must be in the image, where only setup/debian-run.txt is installed. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");
const linked = [process.execPath, join(root, "bpf/loader/build/Release/bpf_loader.node")].filter(existsSync);
const noDpkg =
  !existsSync("/usr/bin/dpkg-query") && "needs dpkg-query, to ask which package a library is from";

function ask(command: string, ...parameters: string[]): string {
  return execFileSync(command, parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

test("every library that is linked comes with a package of the list", { skip: noDpkg }, () => {
  const listed = readFileSync(join(root, "setup/debian-run.txt"), "utf8").match(/^[a-z][^\s#]+/gm) ?? [];
  const brought = ask("dpkg-query", "-W", "-f", "${Depends}, ", ...listed).matchAll(
    /([a-z0-9.+-]+)(?: \([^)]*\))?,/g,
  );
  const there = new Set([...listed, ...[...brought].map(([, name = ""]) => name), "libc6"]);
  const paths = linked.flatMap((file) =>
    [...ask("ldd", file).matchAll(/=> (\/\S+)/g)].map(([, path = ""]) => path),
  );
  assert.ok(paths.length > 3);
  for (const path of new Set(paths)) {
    const owners = ask("dpkg-query", "-S", `*/${basename(realpathSync(path))}`).matchAll(/^([^:\s]+)/gm);
    const names = [...owners].map(([, name = ""]) => name);
    assert.ok(
      names.some((name) => there.has(name)),
      `${path} is from ${names.join()}, which setup/debian-run.txt does not bring`,
    );
  }
});
