/** Builds a plug-in with the tools of this tree: `npm run build-plugin DIRECTORY`. */
import { resolve } from "node:path";
import { buildPlugin } from "./build-plugin.ts";

const [folder, ...more] = process.argv.slice(2);

try {
  if (folder === undefined || more.length > 0) throw new Error("usage: npm run build-plugin DIRECTORY");
  for (const path of await buildPlugin(resolve(folder))) process.stdout.write(`wrote ${path}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
