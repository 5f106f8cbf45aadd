/** Every event is in the list and has all its files. */
import { existsSync, globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "./source-tree.ts";

const required = ["event.ts", "event.test.ts", "telemetry.yaml", "telemetry.generated.ts", "README.md"];

export function checkEvents(root: string, files: readonly SourceFile[]): string[] {
  const folder = join(root, "events");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const listed =
    files.find(({ path }) => path === "events/index.ts")?.imports.map(({ target }) => target) ?? [];
  return names.flatMap((name) => {
    const unlisted = listed.includes(`events/${name}/event.ts`)
      ? []
      : [`events/index.ts does not list ${name}`];
    return unlisted.concat(findMissingFiles(join(folder, name), name));
  });
}

/** The kernel half and the reader of its records come together; an event that only polls has neither. */
function findMissingFiles(folder: string, name: string): string[] {
  const kernelHalf = [`${name}.bpf.c`, "record.generated.ts"];
  const hasKernelHalf = globSync(["*.bpf.c", "record.generated.ts"], { cwd: folder }).length > 0;
  return [...required, ...(hasKernelHalf ? kernelHalf : [])]
    .filter((file) => !existsSync(join(folder, file)))
    .map((file) => `events/${name} has no ${file}`);
}
