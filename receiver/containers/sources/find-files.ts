/** Sockets and files in their usual places. */
import { statSync } from "node:fs";
import type { Stats } from "node:fs";

export function findSocket(paths: readonly string[]): string | undefined {
  return paths.find((path) => isThere(path, (found) => found.isSocket()));
}

export function findFile(path: string): string | undefined {
  return isThere(path, (found) => found.isFile()) ? path : undefined;
}

function isThere(path: string, isExpected: (found: Stats) => boolean): boolean {
  try {
    return isExpected(statSync(path));
  } catch (error) {
    // EACCES means that the path exists; connecting will produce the precise error.
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}
