/**
 * A directory that nobody but this user, or root, can change, make anew, or lead elsewhere. A path is followed by hand
 * from the root on, and what was looked at cannot be exchanged later: each directory on the way belongs to someone who
 * is trusted, and nobody else may write it, or only beside what is ours where it is sticky, as /tmp is. `sshd` asks the
 * same of the way to `authorized_keys`.
 */
import type { Stats } from "node:fs";
import { lstat, mkdir, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { CodedError, readErrorCode } from "./coded-error.ts";

export interface PrivateDirectoryOptions {
  /** As part of a sentence, with its article: `the state directory`. */
  readonly name: string;
  /** The directory itself may be a symbolic link if root made it, as systemd does for `DynamicUser=`. */
  readonly mayBeLink: boolean;
}

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
const ROOT = 0;
/** MAXSYMLINKS of the kernel, include/linux/namei.h */
const MAX_LINKS = 40;

/**
 * Makes the directory with mode 0700 where it is missing, with what is missing above it. Rejects with
 * `DIRECTORY_NOT_PRIVATE` and a sentence that says what to do, or with the file system's error.
 */
export async function preparePrivateDirectory(
  directory: string,
  { name, mayBeLink }: PrivateDirectoryOptions,
): Promise<void> {
  const trusted = new Set([ROOT, ownUid(), (await lstat("/")).uid]);
  const refuse = (reason: string): CodedError =>
    new CodedError("DIRECTORY_NOT_PRIVATE", `${name} ${directory} ${reason}`);
  const waiting = splitPath(directory);
  let [at, links] = ["/", 0];
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const next = path.join(at, part);
    const found = await findOrMake(next);
    if (found.isSymbolicLink()) {
      if (waiting.length === 0 && !mayBeLink) throw refuse(`is a symbolic link: ${HOW_TO_MOVE}`);
      if (!trusted.has(found.uid))
        throw refuse(`is reached by ${next}, a symbolic link of user ${found.uid}: ${HOW_TO_LEAVE}`);
      links += 1;
      if (links > MAX_LINKS) throw withCode("ELOOP", next);
      const target = await readlink(next);
      if (path.isAbsolute(target)) at = "/";
      waiting.unshift(...splitPath(target));
      continue;
    }
    if (!found.isDirectory()) throw withCode("ENOTDIR", next);
    const problem = waiting.length === 0 ? findProblem(next, found) : findProblemAbove(next, found, trusted);
    if (problem !== undefined) throw refuse(problem);
    at = next;
  }
}

/**
 * Refuses a directory in which something is a symbolic link, is neither a file nor a directory, belongs to another user,
 * or can be written by others. The directory itself was prepared by `preparePrivateDirectory`. Rejects as that does.
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
    if (found.isDirectory()) await checkPrivateContent(place, name);
  }
}

const HOW_TO_MOVE = "put the directory itself there, or set `state_directory` to where the link leads";
const HOW_TO_LEAVE = "set `state_directory` to one below directories of root";

function findProblem(place: string, { uid, mode }: Stats): string | undefined {
  if (uid !== ownUid()) {
    return `belongs to user ${uid} and Kerntel runs as user ${ownUid()}: if you trust what is in it, \`chown -R ${ownUid()} ${place}\``;
  }
  return (mode & WRITABLE_BY_OTHERS) === 0
    ? undefined
    : `can be written by other users: if you trust what is in it, \`chmod -R go-w ${place}\``;
}

function findProblemAbove(
  place: string,
  { uid, mode }: Stats,
  trusted: ReadonlySet<number>,
): string | undefined {
  if (!trusted.has(uid)) return `lies in ${place}, which belongs to user ${uid}: ${HOW_TO_LEAVE}`;
  const isShared = (mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0;
  return isShared ? `lies in ${place}, which other users can write: \`chmod go-w ${place}\`` : undefined;
}

async function findOrMake(place: string): Promise<Stats> {
  const found = await lstat(place).catch(ignoreMissing);
  if (found !== undefined) return found;
  // Not `recursive`, with which Node 26 never comes back below /proc. Who made it meanwhile is looked at as any other.
  await mkdir(place, { mode: 0o700 }).catch((error: unknown) => {
    if (readErrorCode(error) !== "EEXIST") throw error;
  });
  return lstat(place);
}

function ignoreMissing(error: unknown): undefined {
  if (readErrorCode(error) !== "ENOENT") throw error;
}

function ownUid(): number {
  return process.geteuid?.() ?? ROOT;
}

function splitPath(text: string): string[] {
  return text.split("/").filter((part) => part !== "" && part !== ".");
}

function withCode(code: string, place: string): Error {
  return Object.assign(new Error(`${code}: ${place}`), { code });
}
