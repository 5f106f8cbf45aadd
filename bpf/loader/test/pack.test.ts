import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fixture, packageFolder } from "./fixture.ts";

const nodeModules = join(packageFolder, "../../node_modules");

describe("the package as strangers get it", () => {
  const folder = mkdtempSync(join(tmpdir(), "bpf-loader-pack-"));
  const installed = join(folder, "node_modules/bpf-loader-napi");
  after(() => rmSync(folder, { recursive: true }));

  before(() => {
    const pack = ["--disable-warning=ExperimentalWarning", join(packageFolder, "packaging/pack.ts")];
    execFileSync(process.execPath, [...pack, join(folder, "dist")]);
    const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
      cwd: join(folder, "dist"),
      encoding: "utf8",
    });
    mkdirSync(installed, { recursive: true });
    const archive = join(folder, packed.trim());
    execFileSync("tar", ["--extract", "--file", archive, "--strip-components=1", "--directory", installed]);
    // In place of `npm install`, which would ask a registry for the two header packages.
    for (const name of ["node-addon-api", "node-api-headers"])
      cpSync(join(nodeModules, name), join(folder, "node_modules", name), { recursive: true });
  });

  test("holds no types to strip, no tests, and no path of this machine", () => {
    const files = globSync("**/*", { cwd: installed, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths) {
      assert.doesNotMatch(path, /(?<!\.d)\.ts$|\.test\./);
      assert.ok(!readFileSync(path, "utf8").includes(packageFolder), path);
    }
    for (const name of [
      "README.md",
      "LICENSE",
      "Makefile",
      "native/addon.cc",
      "source/index.js",
      "source/index.d.ts",
    ])
      assert.ok(paths.includes(join(installed, name)), name);
  });

  test("is built where it is installed, and opens an object, whatever addon the environment names", () => {
    execFileSync("make", ["--silent", "-C", installed, `NODE=${process.execPath}`]);
    const script = `
      import { openObject } from "bpf-loader-napi";
      const object = openObject(process.argv[2]);
      console.log(object.programs.map(({ name }) => name).join());
      object.close();`;
    const path = join(folder, "open.mjs");
    writeFileSync(path, script);
    const env = { ...process.env, BPF_LOADER_ADDON: join(folder, "none.node") };
    const output = execFileSync(process.execPath, [path, fixture("maps")], { encoding: "utf8", env });
    assert.equal(output, "read_constants\n");
  });

  test("says how to build it where it is not built", () => {
    const path = join(folder, "unbuilt.mjs");
    writeFileSync(
      path,
      `import { readClocks } from "bpf-loader-napi"; try { readClocks(); } catch (error) { console.log(error.code, error.message); }`,
    );
    rmSync(join(installed, "build"), { recursive: true, force: true });
    const output = execFileSync(process.execPath, [path], { encoding: "utf8" });
    assert.match(output, /^BPF_ADDON_MISSING .*make -C .*libbpf-dev/);
  });

  test("brings its types", () => {
    writeFileSync(
      join(folder, "use.mts"),
      `import { openObject } from "bpf-loader-napi";
       using object = openObject("x.o", { constants: { limit: 1n } });
       export const fd: number = object.load().program("p").fd;
       // @ts-expect-error -- a name is text
       object.load().map(7);`,
    );
    const settings = {
      compilerOptions: {
        module: "nodenext",
        target: "esnext",
        strict: true,
        noEmit: true,
        types: ["node"],
        typeRoots: [join(nodeModules, "@types")],
      },
      files: ["use.mts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
    execFileSync(join(nodeModules, ".bin/tsc"), ["--project", folder], { stdio: "inherit" });
  });
});
