/**
 * A path, step by step from the root on, with its symbolic links followed by hand. Where each directory on the way belongs to
 * someone who is trusted and nobody else may write it, what was looked at cannot be exchanged later.
 */
import { lstatSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import path from "node:path";

/** MAXSYMLINKS of the kernel, include/linux/namei.h */
const MAX_LINKS = 40;
const ROOT = 0;
export const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

export interface Step {
  readonly place: string;
  /** Of a symbolic link, of the link itself; the next steps are its target's. */
  readonly found: Stats;
  readonly isLast: boolean;
}

/** Throws the file system's errors, `ELOOP` and `ENOTDIR` among them. `look`: what is to be found at a place. */
export function* walkPath(whole: string, look: (place: string) => Stats = lstatSync): Generator<Step> {
  const waiting = splitPath(whole);
  let [at, links] = ["/", 0];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const place = path.join(at, part);
    const found = look(place);
    const isLast = waiting.length === 0;
    yield { place, found, isLast };
    if (found.isSymbolicLink()) {
      links += 1;
      if (links > MAX_LINKS) throw withCode("ELOOP", place);
      const target = readlinkSync(place);
      if (path.isAbsolute(target)) at = "/";
      waiting.unshift(...splitPath(target));
    } else {
      if (!isLast && !found.isDirectory()) throw withCode("ENOTDIR", place);
      at = place;
    }
  }
}

/** This user, root, and whoever owns the root directory: where a user namespace does not know root, that is nobody. */
export function findTrustedUsers(): ReadonlySet<number> {
  return new Set([ROOT, ownUid(), lstatSync("/").uid]);
}

/** Effective. */
export function ownUid(): number {
  return process.geteuid?.() ?? ROOT;
}

/** Whether others may exchange what is in this directory; in a sticky one they may not. */
export function isShared({ mode }: Stats): boolean {
  return (mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0;
}

function splitPath(text: string): string[] {
  return text.split("/").filter((part) => part !== "" && part !== ".");
}

export function withCode(code: string, place: string): Error {
  return Object.assign(new Error(`${code}: ${place}`), { code });
}
