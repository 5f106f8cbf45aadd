/**
 * A directory that nobody but this user, or root, can change, make anew, or lead elsewhere. `sshd` asks the same of the
 * way to `authorized_keys`.
 */
import { lstatSync, mkdirSync } from "node:fs";
import type { Stats } from "node:fs";
import { chmod, lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { CodedError, readErrorCode } from "./coded-error.ts";
import { findTrustedUsers, isShared, ownUid, walkPath, withCode, WRITABLE_BY_OTHERS } from "./path-walk.ts";

export interface PrivateDirectoryOptions {
  /** As part of a sentence, with its article: `the state directory`. */
  readonly name: string;
  /** By which a user chooses another directory. */
  readonly setting?: string;
  /** The directory itself may be a symbolic link if root made it, as systemd does for `DynamicUser=`. */
  readonly mayBeLink: boolean;
}

const OF_OTHERS = 0o077;

/**
 * Makes the directory with mode 0700 where it is missing, with what is missing above it. Rejects with
 * `DIRECTORY_NOT_PRIVATE` and a sentence that says what to do, or with the file system's error.
 */
export async function preparePrivateDirectory(
  directory: string,
  { name, setting = "state_directory", mayBeLink }: PrivateDirectoryOptions,
): Promise<void> {
  const trusted = findTrustedUsers();
  const refuse = (reason: string): CodedError =>
    new CodedError("DIRECTORY_NOT_PRIVATE", `${name} ${directory} ${reason}`);
  for (const { place, found, isLast } of walkPath(directory, findOrMake)) {
    if (found.isSymbolicLink()) {
      if (isLast && !mayBeLink) throw refuse(`is a symbolic link: ${howToMove(setting)}`);
      if (!trusted.has(found.uid))
        throw refuse(`is reached by ${place}, a symbolic link of user ${found.uid}: ${howToLeave(setting)}`);
      continue;
    }
    if (!found.isDirectory()) throw withCode("ENOTDIR", place);
    if (!isLast && !trusted.has(found.uid))
      throw refuse(`lies in ${place}, which belongs to user ${found.uid}: ${howToLeave(setting)}`);
    const problem = isLast ? findProblem(place, found) : findProblemAbove(place, found);
    if (problem !== undefined) throw refuse(problem);
  }
}

/**
 * Refuses a directory in which something is a symbolic link, is neither a file nor a directory, belongs to another user,
 * or can be written by others; what others can read is closed to them. The directory itself was prepared by
 * `preparePrivateDirectory`. Rejects as that does.
 */
export async function checkPrivateContent(directory: string, name: string): Promise<void> {
  for (const entry of await readdir(directory)) {
    const place = path.join(directory, entry);
    // What LevelDB or retention remove meanwhile is no problem any more.
    const found = await lstat(place).catch(ignoreMissing);
    if (found === undefined) continue;
    const isKnown = found.isFile() || found.isDirectory();
    const kind = found.isSymbolicLink() ? "a symbolic link" : "neither a file nor a directory";
    const problem = isKnown ? findProblem(place, found) : `is ${kind}: remove it`;
    if (problem !== undefined) {
      throw new CodedError("DIRECTORY_NOT_PRIVATE", `in ${name}, ${place} ${problem}`);
    }
    // Versions before 0.1 wrote with whatever umask they had.
    if ((found.mode & OF_OTHERS) !== 0) await chmod(place, found.mode & 0o700).catch(ignoreMissing);
    if (found.isDirectory()) await checkPrivateContent(place, name);
  }
}

function howToMove(setting: string): string {
  return `put the directory itself there, or set \`${setting}\` to where the link leads`;
}

function howToLeave(setting: string): string {
  return `set \`${setting}\` to one below directories of root`;
}

function findProblem(place: string, { uid, mode }: Stats): string | undefined {
  if (uid !== ownUid()) {
    return `belongs to user ${uid} and Kerntel runs as user ${ownUid()}: if you trust what is in it, \`chown -R ${ownUid()} ${place}\``;
  }
  return (mode & WRITABLE_BY_OTHERS) === 0
    ? undefined
    : `can be written by other users: if you trust what is in it, \`chmod -R go-w ${place}\``;
}

function findProblemAbove(place: string, found: Stats): string | undefined {
  return isShared(found)
    ? `lies in ${place}, which other users can write: \`chmod go-w ${place}\``
    : undefined;
}

function findOrMake(place: string): Stats {
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (found !== undefined) return found;
  try {
    // Not `recursive`, with which Node 26 never comes back below /proc. Who made it meanwhile is looked at as any other.
    mkdirSync(place, { mode: 0o700 });
  } catch (error) {
    if (readErrorCode(error) !== "EEXIST") throw error;
  }
  return lstatSync(place);
}

function ignoreMissing(error: unknown): undefined {
  if (readErrorCode(error) !== "ENOENT") throw error;
}
