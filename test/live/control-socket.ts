/** Where a receiver answers that a test started, as this user. */
import { controlPaths } from "#receiver/control/path.ts";

/** All places that it may be at. */
export function controlSockets(stateDirectory: string): readonly string[] {
  return controlPaths(stateDirectory, {
    uid: process.geteuid?.() ?? 0,
    runDirectory: process.env["KERNTEL_RUN_DIR"],
  });
}

/** Where it is unless that place cannot be written. */
export function controlSocket(stateDirectory: string): string {
  return controlSockets(stateDirectory)[0] ?? "";
}
