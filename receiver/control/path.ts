/** Where the running program answers. */
import { join } from "node:path";

export function controlPath(stateDirectory: string): string {
  return join(stateDirectory, "kerntel.sock");
}

/** sockaddr_un: 108 bytes with the ending NUL. */
const LONGEST_PATH_BYTES = 107;

/** Whether a socket can have this path; nothing can listen on a longer one. */
export function isSocketPath(path: string): boolean {
  return Buffer.byteLength(path) <= LONGEST_PATH_BYTES;
}
