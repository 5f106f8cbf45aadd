/** Sockets and files in their usual places, and whether others could have put them there. */
import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { CodedError } from "#exporters/coded-error.ts";
import { findDistrust } from "#exporters/trusted-path.ts";

/** The first of these that is to be trusted; where there is none, the first that is there, for whoever has to say why not. */
export function findSocket(paths: readonly string[]): string | undefined {
  const there = paths.filter((path) => isThere(path, (found) => found.isSocket()));
  return there.find((path) => explainDistrust(path) === undefined) ?? there[0];
}

export function findFile(path: string): string | undefined {
  return isThere(path, (found) => found.isFile()) ? path : undefined;
}

/**
 * What listens on a socket is asked with root's privileges and believed about whose a record is. Throws `SOURCE_NOT_TRUSTED` with a
 * sentence where another user could have put it there; what is not there is for connecting or reading to say.
 */
export function requireTrusted(kind: "socket" | "file", path: string): void {
  const distrust = explainDistrust(path);
  if (distrust === undefined) return;
  const hint =
    "root has to own it and every directory on its path, and others must not be able to write them";
  throw new CodedError("SOURCE_NOT_TRUSTED", `the ${kind} ${path} is not used: ${distrust}; ${hint}`);
}

function explainDistrust(path: string): string | undefined {
  try {
    return findDistrust(path);
  } catch {
    // Connecting or reading produces the precise error.
    return undefined;
  }
}

function isThere(path: string, isExpected: (found: Stats) => boolean): boolean {
  try {
    return isExpected(statSync(path));
  } catch (error) {
    // EACCES means that the path exists; connecting will produce the precise error.
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}
