/** When `run` is to end: a signal, or nobody left to read the output. */
import type { Writable } from "node:stream";

/**
 * Resolves at the first SIGINT or SIGTERM, or when the reader of `out` went away. A second signal ends the process
 * at once: whoever sends it has waited long enough, and the local log is safe against it.
 */
export function waitForStop(out: Writable): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal?: NodeJS.Signals): void => {
      if (isStopping && signal !== undefined) process.kill(process.pid, "SIGKILL");
      isStopping = true;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    out.on("error", () => {
      stop();
    });
  });
}
