/**
 * Builds a plug-in: a folder outside of this tree with the layout of the tree (`events/NAME/`, `exporters/NAME/`) and a
 * `plugin.ts` that lists both. What is built needs neither this tree nor its packages: `dist/plugin.js` with all that it
 * imports, and the compiled BPF programs where their sources are.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { compileStale } from "#bpf/compile/compile-stale.ts";
import { generateRecords } from "#bpf/layout/generate-records.ts";
import { settleFiles } from "#bpf/layout/generated-files.ts";
import { checkTelemetry } from "#receiver/telemetry/check-telemetry.ts";
import { writeTypescript } from "#receiver/telemetry/generate/write-typescript.ts";
import { parseTelemetry } from "#receiver/telemetry/parse-telemetry.ts";
import { readTelemetry, treeRoot } from "#receiver/telemetry/read-telemetry.ts";
import { bundle } from "../bundle/bundle.ts";

const run = promisify(execFile);

/** Folders of this tree that a plug-in may import from, as `#receiver/tracing/contract.ts`. */
const imported = ["bpf", "exporters", "receiver"];

/** Answers the paths of the files that were written, relative to the folder. Throws with everything that the tools said. */
export async function buildPlugin(folder: string): Promise<string[]> {
  if (!existsSync(join(folder, "plugin.ts"))) throw new Error(`${folder} has no plugin.ts`);
  const programs = globSync("events/*/*.bpf.c", { cwd: folder }).sort();
  const compiled = await compileStale(
    treeRoot,
    programs.map((path) => relative(treeRoot, join(resolve(folder), path))),
  );
  const written = [
    ...compiled.map((path) => relative(resolve(folder), join(treeRoot, path))),
    ...(await generateRecords(folder, false)),
    ...(await generateNames(folder)),
  ];
  await checkTypes(folder);
  await bundle({ root: resolve(folder), modules: { plugin: "plugin.ts" }, folder: "dist", tree: treeRoot });
  return [...written, "dist/plugin.js"];
}

/** Names are checked together with those of the tree: what it declares is referred to, and not declared again. */
async function generateNames(folder: string): Promise<string[]> {
  const own = globSync("events/*/telemetry.yaml", { cwd: folder })
    .sort()
    .map((path) => parseTelemetry(path, readFileSync(join(folder, path), "utf8")));
  const all = [...readTelemetry(), ...own];
  checkTelemetry(all);
  const files = await Promise.all(
    own.map(async (file) => {
      const path = join(dirname(file.path), "telemetry.generated.ts");
      return { path, text: await writeTypescript(folder, path, file, all) };
    }),
  );
  return settleFiles(folder, files, false);
}

/** By the same rules as the tree; a plug-in's own `tsconfig.json` is for editors. */
async function checkTypes(folder: string): Promise<void> {
  const place = join(folder, "dist/tsconfig.json");
  const config = {
    extends: join(treeRoot, "tsconfig.json"),
    compilerOptions: {
      paths: Object.fromEntries(imported.map((name) => [`#${name}/*`, [join(treeRoot, name, "*")]])),
      typeRoots: [join(treeRoot, "node_modules/@types")],
    },
    include: ["../plugin.ts", "../events/**/*.ts", "../exporters/**/*.ts"],
    exclude: [],
  };
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, JSON.stringify(config, undefined, 2));
  try {
    await run(join(treeRoot, "node_modules/.bin/tsc"), ["--project", place], { cwd: folder });
  } catch (cause) {
    const { stdout = "", message } = cause as { readonly stdout?: string; readonly message: string };
    throw new Error(stdout.trim() || message, { cause });
  }
}
