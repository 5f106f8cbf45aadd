/** When `run` is to end: a signal, or nobody left to read the output. */
import type { Output } from "#exporters/console/output.ts";

/** `timeout` and shells signal a process and then its group: what follows so soon is the same request again. */
const SAME_REQUEST_MS = 1_000;

/**
 * Resolves at the first SIGINT or SIGTERM, or when the reader of `out` went away. Another signal, a second later or more, ends
 * the process at once: its sender has waited long enough, and the local log is safe against it.
 */
export function waitForStop({ gone }: Pick<Output, "gone">): Promise<void> {
  return new Promise((resolve) => {
    let stoppedMs: number | undefined;
    const stop = (signal?: NodeJS.Signals): void => {
      const nowMs = performance.now();
      const isAnother = stoppedMs !== undefined && nowMs - stoppedMs >= SAME_REQUEST_MS;
      if (isAnother && signal !== undefined) process.kill(process.pid, "SIGKILL");
      stoppedMs ??= nowMs;
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
