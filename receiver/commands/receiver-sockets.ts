/** Where `query` and `events` look for the running receiver. */
import { existsSync } from "node:fs";
import { controlPaths, SYSTEM_SOCKET } from "../control/path.ts";
import { textOption } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";

/**
 * The sockets of the receiver with this state directory, the most likely first. A user who has named none and has none gets
 * the system's receiver, if that user is in its group.
 */
export function receiverSockets(
  stateDirectory: string,
  values: CommandValues,
  { variables }: Pick<CommandEnvironment, "variables">,
): readonly string[] {
  const uid = process.geteuid?.() ?? 0;
  const paths = controlPaths(stateDirectory, { uid, runDirectory: variables["KERNTEL_RUN_DIR"] });
  const isNamed = Boolean(variables["KERNTEL_STATE_DIR"]) || textOption(values, "config") !== undefined;
  return uid === 0 || isNamed || existsSync(stateDirectory) ? paths : [...paths, SYSTEM_SOCKET];
}
