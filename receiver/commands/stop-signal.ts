/** When `run` is to end: a signal, or nobody left to read the output. */
import type { Output } from "#exporters/console/output.ts";

/**
 * Resolves at the first SIGINT or SIGTERM, or when the reader of `out` went away. A second signal ends the process
 * at once: whoever sends it has waited long enough, and the local log is safe against it.
 */
export function waitForStop({ gone }: Pick<Output, "gone">): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (signal?: NodeJS.Signals): void => {
      if (isStopping && signal !== undefined) process.kill(process.pid, "SIGKILL");
      isStopping = true;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    void (async () => {
      await gone;
      stop();
    })();
  });
}
