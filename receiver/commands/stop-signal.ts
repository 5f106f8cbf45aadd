/** When `run` is to end: a signal, or nobody left to read the output. */
import type { Output } from "#exporters/console/output.ts";

/** `timeout` signals a process and then its group: the same signal so soon is the same request again. */
const SAME_REQUEST_MS = 1_000;

/**
 * Resolves at the first SIGINT or SIGTERM, or when the reader of `out` went away. Another signal, or the same one a second later,
 * ends the process at once: its sender has waited long enough, and the local log is safe against it.
 */
export function waitForStop({ gone }: Pick<Output, "gone">): Promise<void> {
  return new Promise((resolve) => {
    let first: { readonly signal: NodeJS.Signals | undefined; readonly atMs: number } | undefined;
    const stop = (signal?: NodeJS.Signals): void => {
      const atMs = performance.now();
      const isAnother =
        first !== undefined && (signal !== first.signal || atMs - first.atMs >= SAME_REQUEST_MS);
      if (isAnother && signal !== undefined) process.kill(process.pid, "SIGKILL");
      first ??= { signal, atMs };
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
