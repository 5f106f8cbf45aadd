/** Writes the files of a new event, for the tree or for a plug-in: `npm run new-event NAME tp_btf/HOOK [DIRECTORY]`. */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { newEvent } from "./new-event.ts";

const root = join(import.meta.dirname, "../../..");
const [name, hook, directory, ...more] = process.argv.slice(2);

try {
  if (name === undefined || hook === undefined || more.length > 0)
    throw new Error("usage: npm run new-event NAME tp_btf/HOOK [DIRECTORY]");
  const into = directory === undefined ? root : resolve(directory);
  for (const path of await newEvent({ root, into, name, hook })) process.stdout.write(`wrote ${path}\n`);
  if (into === root) execFileSync("npm", ["run", "--silent", "generate"], { cwd: root, stdio: "inherit" });
  process.stdout.write(`next: what to change in events/${name} is in events/README.md\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
