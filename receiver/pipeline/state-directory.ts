/** The state directory: made before anything lies in it, and where in it the local log is. */
import { join } from "node:path";
import { CodedError } from "#exporters/coded-error.ts";
import { preparePrivateDirectory } from "#exporters/private-directory.ts";
import { describeCause } from "#exporters/system-error.ts";

/** Makes it where it is missing. Rejects with one sentence where it cannot be used or others could change what is in it. */
export async function prepareStateDirectory(stateDirectory: string): Promise<void> {
  try {
    await preparePrivateDirectory(stateDirectory, { name: "the state directory", mayBeLink: true });
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const message = `the state directory ${stateDirectory} cannot be used: ${describeCause(error)}`;
    throw new CodedError("STATE_DIRECTORY_UNUSABLE", message, error);
  }
}

/** Where the local log is, below the state directory. */
export function logDirectory(stateDirectory: string): string {
  return join(stateDirectory, "log");
}
