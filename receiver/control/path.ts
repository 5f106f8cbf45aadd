/** Where the running program answers. */
import { join } from "node:path";

export function controlPath(stateDirectory: string): string {
  return join(stateDirectory, "kerntel.sock");
}
