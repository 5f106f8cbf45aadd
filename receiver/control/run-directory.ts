/** The directory of the control socket: made, checked, and opened to the group `kerntel`. */
import { chmod, chown, lstat, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { CodedError, readErrorCode } from "#exporters/coded-error.ts";
import { preparePrivateDirectory } from "#exporters/private-directory.ts";
import { describeCause } from "#exporters/system-error.ts";
import { controlName, ownRunDirectory, SYSTEM_RUN_DIRECTORY } from "./path.ts";
import type { ControlUser } from "./path.ts";

const GROUP = "kerntel";
const NAMED = { name: "the run directory", setting: "KERNTEL_RUN_DIR", mayBeLink: true };
/** What says that /run cannot be written here, as in a container whose file system is read-only. */
const UNWRITABLE: ReadonlySet<string> = new Set(["EROFS", "EACCES", "EPERM", "ENOENT", "ENOTDIR"]);

export interface ControlPlace {
  readonly path: string;
  /** Of those who may read beside the receiver's own user; `undefined` where nobody may. */
  readonly groupId: number | undefined;
}

export interface RunDirectoryOptions extends ControlUser {
  readonly stateDirectory: string;
  /** One line for people. */
  readonly write: (line: string) => void;
  /** For tests. */
  readonly systemDirectory?: string;
  readonly groupFile?: string;
}

/** Rejects with one sentence where the directory cannot be used or others could change what is in it. */
export async function prepareControlPlace(options: RunDirectoryOptions): Promise<ControlPlace> {
  const { uid, runDirectory, stateDirectory } = options;
  const name = controlName(stateDirectory);
  await removeEarlierSocket(stateDirectory);
  if (runDirectory) return shareWithGroup(await requireDirectory(resolve(runDirectory)), name, options);
  const system = uid === 0 ? await prepareSystemDirectory(options) : undefined;
  if (system !== undefined) return shareWithGroup(system, name, options);
  const { directory } = await requireDirectory(ownRunDirectory(stateDirectory));
  return { path: join(directory, "kerntel.sock"), groupId: undefined };
}

/** What a killed receiver of an earlier version left in the state directory, on which nobody listens any more. */
async function removeEarlierSocket(stateDirectory: string): Promise<void> {
  const path = join(stateDirectory, "kerntel.sock");
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() === true) await rm(path, { force: true });
}

interface Prepared {
  readonly directory: string;
  /** Its mode is ours to set: it was not there before, or it is the system's for Kerntel. */
  readonly isOurs: boolean;
}

/** `undefined` where it cannot be made. */
async function prepareSystemDirectory({
  stateDirectory,
  write,
  systemDirectory = SYSTEM_RUN_DIRECTORY,
}: RunDirectoryOptions): Promise<Prepared | undefined> {
  try {
    // What is above it is the system's to make.
    await lstat(dirname(systemDirectory));
    await preparePrivateDirectory(systemDirectory, NAMED);
    return { directory: systemDirectory, isOurs: true };
  } catch (error) {
    if (!UNWRITABLE.has(readErrorCode(error))) throw error;
    const own = ownRunDirectory(stateDirectory);
    write(
      `kerntel: the control socket is in ${own}: ${systemDirectory} cannot be made: ${describeCause(error)}\n`,
    );
    return undefined;
  }
}

async function requireDirectory(directory: string): Promise<Prepared> {
  const isThere = await lstat(directory).then(
    () => true,
    () => false,
  );
  try {
    await preparePrivateDirectory(directory, NAMED);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const message = `the run directory ${directory} cannot be used: ${describeCause(error)}`;
    throw new CodedError("RUN_DIRECTORY_UNUSABLE", message, error);
  }
  return { directory, isOurs: !isThere };
}

async function shareWithGroup(
  { directory, isOurs }: Prepared,
  name: string,
  { uid, write, groupFile = "/etc/group" }: RunDirectoryOptions,
): Promise<ControlPlace> {
  const path = join(directory, name);
  const groupId = uid === 0 ? await findGroup(groupFile) : undefined;
  try {
    // Also back from a group that there is no more.
    if (isOurs) await chown(directory, uid, groupId ?? process.getegid?.() ?? 0);
    if (isOurs) await chmod(directory, 0o750);
    return { path, groupId };
  } catch (error) {
    write(
      `kerntel: members of the group ${GROUP} cannot read records: ${directory} cannot be given to it: ${describeCause(error)}; grant CAP_CHOWN, or start Kerntel in that group\n`,
    );
    return { path, groupId: undefined };
  }
}

/** In the text of group(5); a group that only a name service knows is not found. */
async function findGroup(file: string): Promise<number | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  const number = new RegExp(`^${GROUP}:[^:]*:(\\d+):`, "m").exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}
