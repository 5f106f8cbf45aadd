/**
 * Whether nobody but root can change what is at a path. Code of a plug-in runs with all rights of the receiver, so who
 * could exchange a file of it, or a directory on the way to it, would have these rights too.
 */
import { lstatSync, readdirSync, realpathSync } from "node:fs";
import type { Stats } from "node:fs";
import path from "node:path";
import { WRITABLE_BY_OTHERS, isShared, walkPath } from "#exporters/path-walk.ts";

const ROOT = 0;
/** Far above a package with its dependencies; the walk must end. */
const MOST_ENTRIES = 50_000;

/**
 * What is wrong with the folder, or with one on the way to it, as the rest of a sentence; undefined where all of it is root's.
 * Throws the system's error where something cannot be looked at, `ELOOP` among them.
 */
export function findForeignHand(folder: string): string | undefined {
  return findForeignWay(folder) ?? findForeignContent(realpathSync(folder));
}

/** Every directory and link from the root on, as they are followed. */
function findForeignWay(folder: string): string | undefined {
  const steps = [...walkPath(folder)];
  for (const [index, { found, isLast }] of steps.entries()) {
    const place = describe(steps.length - 1 - index);
    if (!isRoots(found)) return `is reached by ${place}, which belongs to user ${found.uid}`;
    if (found.isSymbolicLink()) continue;
    if (isLast && !found.isDirectory()) return "is not a directory";
    if (isLast ? isWritable(found) : isShared(found))
      return `is reached by ${place}, which other users can write`;
  }
  return undefined;
}

/** The configuration's values are not repeated in messages, so a directory is named by where it stands. */
function describe(left: number): string {
  if (left === 0) return "the last part of its path";
  return left === 1 ? "the part of its path before the last" : `the part of its path ${left} before the last`;
}

function findForeignContent(folder: string): string | undefined {
  const open = [folder];
  let count = 0;
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const name of readdirSync(directory)) {
      count += 1;
      if (count > MOST_ENTRIES) return `has more than ${MOST_ENTRIES} files`;
      const place = path.join(directory, name);
      const shown = path.relative(folder, place);
      const found = lstatSync(place);
      if (!isRoots(found)) return `contains ${shown}, which belongs to user ${found.uid}`;
      if (found.isSymbolicLink()) {
        if (!isWithin(folder, realpathSync(place)))
          return `contains ${shown}, a symbolic link that leads out of it`;
      } else if (isWritable(found)) return `contains ${shown}, which other users can write`;
      else if (found.isDirectory()) open.push(place);
    }
  }
  return undefined;
}

function isWithin(folder: string, place: string): boolean {
  return place.startsWith(`${folder}/`);
}

/** In a container without a user namespace of root's own, root may be another number outside, but never here. */
function isRoots({ uid }: Stats): boolean {
  return uid === ROOT;
}

function isWritable({ mode }: Stats): boolean {
  return (mode & WRITABLE_BY_OTHERS) !== 0;
}
