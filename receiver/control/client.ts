/** Asks the running Kerntel over its Unix socket. */
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describeCause } from "#exporters/system-error.ts";
import { ControlError } from "./control-error.ts";
import { isSocketPath } from "./path.ts";

/**
 * The lines of the answer. Throws `ControlError` with code `CONTROL_NOT_RUNNING` when nobody listens on the
 * socket, also when a killed process left it behind.
 */
export async function* askRunning(
  socketPath: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): AsyncGenerator<string> {
  const response = await open(socketPath, `${path}?${new URLSearchParams(query).toString()}`);
  if (response.statusCode !== 200) throw new ControlError("CONTROL_REFUSED", await text(response));
  yield* createInterface({ input: response, crlfDelay: Infinity });
  if (!response.complete)
    throw new ControlError("CONTROL_REFUSED", "the running program ended before its answer did");
}

function open(socketPath: string, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // A connection of its own: one that is kept may be closed by the other side in this moment.
    const asked = request({ socketPath, path, agent: false }, resolve);
    asked.once("error", (cause: NodeJS.ErrnoException) => {
      // For a path that is too long the kernel has EINVAL, which says nothing of that.
      const isAbsent =
        ["ENOENT", "ECONNREFUSED", "ENOTDIR"].includes(cause.code ?? "") || !isSocketPath(socketPath);
      const code = isAbsent ? "CONTROL_NOT_RUNNING" : "CONTROL_REFUSED";
      reject(new ControlError(code, `cannot ask ${socketPath}: ${describeCause(cause)}`, { cause }));
    });
    asked.end();
  });
}
