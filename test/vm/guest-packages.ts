/** Which folders of node_modules a package needs, itself among them. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Folders relative to `root`, found as Node finds them. */
export function findPackages(root: string, names: readonly string[]): string[] {
  const found = new Set<string>();
  const queue = names.map((name): [string, string] => [name, "."]);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const folder = resolve(root, ...next);
    if (folder === undefined || found.has(folder)) continue;
    found.add(folder);
    const manifest = readManifest(root, folder);
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    for (const name of Object.keys({ ...peerDependencies, ...optionalDependencies, ...dependencies })) {
      queue.push([name, folder]);
    }
  }
  return [...found].sort();
}

/** Nothing for an optional package that was not installed. */
function resolve(root: string, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(root, candidate))) return candidate;
    if (folder === ".") return undefined;
  }
}

function readManifest(root: string, folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}
