/**
 * Writes the package for strangers: JavaScript without types, because Node does not strip them below `node_modules`.
 * The first argument names another folder than `dist`. Nothing is downloaded; the addon is compiled where it is installed.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const repository = join(packageFolder, "../..");
const target = resolve(process.argv[2] ?? join(packageFolder, "dist"));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
writeDeclarations();
for (const path of sources()) writeJavaScript(path);
cpSync(join(packageFolder, "native"), join(target, "native"), { recursive: true });
for (const name of ["Makefile", "README.md"]) cpSync(join(packageFolder, name), join(target, name));
cpSync(join(repository, "LICENSE"), join(target, "LICENSE"));
writeFileSync(join(target, "package.json"), `${JSON.stringify(describePackage(), null, 2)}\n`);

/** What `index.ts` reaches, and nothing of the tests. */
function sources(): string[] {
  const isTest = /\.test\.ts$|\/fixtures\/|compile-fixture\.ts$/;
  return globSync("source/**/*.ts", { cwd: packageFolder }).filter((path) => !isTest.test(path));
}

function writeJavaScript(path: string): void {
  const text = readFileSync(join(packageFolder, path), "utf8");
  const output = join(target, path.replace(/\.ts$/, ".js"));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, nameJavaScript(stripTypeScriptTypes(text)));
}

/** `./error.ts` → `./error.js`. */
function nameJavaScript(text: string): string {
  return text
    .replace(/(\bfrom "\.{1,2}\/[^"]*)\.ts"/g, '$1.js"')
    .replace(/(\bimport\("\.{1,2}\/[^"]*)\.ts"\)/g, '$1.js")');
}

function writeDeclarations(): void {
  const settings = {
    extends: join(repository, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      emitDeclarationOnly: true,
      rootDir: join(packageFolder, "source"),
      outDir: join(target, "source"),
      types: ["node"],
      typeRoots: [join(repository, "node_modules/@types")],
    },
    include: [],
    files: [join(packageFolder, "source/index.ts")],
  };
  const path = join(target, "tsconfig.json");
  writeFileSync(path, JSON.stringify(settings));
  execFileSync(join(repository, "node_modules/.bin/tsc"), ["--project", path], { stdio: "inherit" });
  rmSync(path);
  for (const name of globSync("source/**/*.d.ts", { cwd: target })) {
    const declaration = join(target, name);
    writeFileSync(declaration, nameJavaScript(readFileSync(declaration, "utf8")));
  }
}

function describePackage(): object {
  const { scripts: _, ...kept } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
    scripts: unknown;
  };
  return {
    ...kept,
    exports: { ".": { types: "./source/index.d.ts", default: "./source/index.js" } },
    files: ["source", "native", "Makefile"],
    scripts: { install: "make --silent" },
  };
}
