/** Where the receiver of a state directory answers, and where the commands look for it. */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";

/** Apart from the state, so that members of a group may come here and not there. */
export const SYSTEM_RUN_DIRECTORY = "/run/kerntel";
const SYSTEM_STATE_DIRECTORY = "/var/lib/kerntel";

export interface ControlUser {
  /** Effective. */
  readonly uid: number;
  /** `KERNTEL_RUN_DIR`; `""` is none. */
  readonly runDirectory?: string | undefined;
}

/**
 * The name of the socket among those of other receivers: `kerntel.sock` for the system's state directory, else 16 digits
 * of the SHA-256 of the path, as `printf %s PATH | sha256sum` begins.
 */
export function controlName(stateDirectory: string): string {
  const path = resolve(stateDirectory);
  if (path === SYSTEM_STATE_DIRECTORY) return "kerntel.sock";
  return `${createHash("sha256").update(path).digest("hex").slice(0, 16)}.sock`;
}

/** For users other than root, and where /run cannot be written: in the state directory, of which there is one receiver. */
export function ownRunDirectory(stateDirectory: string): string {
  return join(stateDirectory, "run");
}

/** Every place where the receiver of this state directory may answer, the most likely first. */
export function controlPaths(stateDirectory: string, { uid, runDirectory }: ControlUser): readonly string[] {
  const names = new Set([controlName(stateDirectory), controlName(followLinks(stateDirectory))]);
  // Versions before 0.2 listened in the state directory itself; one of them may be running yet.
  const earlier = join(stateDirectory, "kerntel.sock");
  if (runDirectory) return [...[...names].map((name) => join(resolve(runDirectory), name)), earlier];
  const system = [...names].map((name) => join(SYSTEM_RUN_DIRECTORY, name));
  const own = join(ownRunDirectory(stateDirectory), "kerntel.sock");
  return uid === 0 ? [...system, own, earlier] : [own, ...system, earlier];
}

/** That of the system's receiver, for a user who has none. */
export const SYSTEM_SOCKET: string = join(SYSTEM_RUN_DIRECTORY, controlName(SYSTEM_STATE_DIRECTORY));

function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It is not there, or this user may not look: then it has the name that was given.
    return path;
  }
}

/** sockaddr_un: 108 bytes with the ending NUL. */
const LONGEST_PATH_BYTES = 107;

/** Whether a socket can have this path; nothing can listen on a longer one. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_PATH_BYTES;
}
