/** What guests run, bundled: there Node needs a second for each dozen of modules, and strips types by WebAssembly, which aborts now and then. */
import { globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "#setup/bundle/bundle.ts";
import { BUNDLE_FOLDER, bundledName } from "./bundled-path.ts";
import { findGuestTests } from "./guest-tests.ts";

const root = join(import.meta.dirname, "../..");

/** First modules of a guest, and what tests start as processes and threads of their own. */
const started = [
  "test/**/guest/*.ts",
  "test/**/*.guest.ts",
  "test/provoke/*-child.ts",
  "test/provoke/fixtures/*.ts",
  "bpf/loader/test/children/*.ts",
  "bpf/loader/source/index.ts",
];

/** The folder, in the root of the project. */
export async function bundleTests(): Promise<string> {
  const paths = [...findGuestTests(), ...globSync(started, { cwd: root })];
  const modules = Object.fromEntries(paths.map((path) => [bundledName(path), path]));
  // Nothing runs from it here, and what an earlier bundle left would go into every guest.
  rmSync(join(root, BUNDLE_FOLDER), { recursive: true, force: true });
  await bundle({ root, modules, folder: BUNDLE_FOLDER });
  return BUNDLE_FOLDER;
}
