/** Asks the running Kerntel over its Unix socket. */
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describeCause, readErrno } from "#exporters/system-error.ts";
import { ControlError } from "./control-error.ts";
import { isSocketPath } from "./path.ts";

/** What is asked: a path of the server and its parameters. */
export interface ControlQuestion {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

/**
 * The lines of the answer, by the first of these sockets on which somebody listens. Throws `ControlError` with code
 * `CONTROL_NOT_RUNNING` when nobody does, also when a killed process left a socket behind.
 */
export async function* askRunning(
  socketPaths: readonly string[],
  { path, query = {} }: ControlQuestion,
): AsyncGenerator<string> {
  const response = await openFirst(socketPaths, `${path}?${new URLSearchParams(query).toString()}`);
  if (response.statusCode !== 200) throw new ControlError("CONTROL_REFUSED", await text(response));
  yield* createInterface({ input: response, crlfDelay: Infinity });
  if (!response.complete)
    throw new ControlError("CONTROL_REFUSED", "the running program ended before its answer did");
}

async function openFirst(socketPaths: readonly string[], target: string): Promise<IncomingMessage> {
  let first: unknown;
  for (const [index, socketPath] of socketPaths.entries()) {
    try {
      return await open(socketPath, target);
    } catch (error) {
      // A place that this user may not look into may be another's; that the first is, is what a user has to know.
      const { code, cause } = error as ControlError;
      if (code !== "CONTROL_NOT_RUNNING" && readErrno(cause) !== "EACCES") throw error;
      if (index === 0) first = error;
    }
  }
  throw first ?? new ControlError("CONTROL_NOT_RUNNING", "there is no socket to ask");
}

function open(socketPath: string, target: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // A connection of its own: one that is kept may be closed by the other side in this moment.
    const asked = request({ socketPath, path: target, agent: false }, resolve);
    asked.once("error", (cause: NodeJS.ErrnoException) => {
      // For a path that is too long the kernel has EINVAL, which says nothing of that.
      const isAbsent =
        ["ENOENT", "ECONNREFUSED", "ENOTDIR"].includes(cause.code ?? "") || !isSocketPath(socketPath);
      const code = isAbsent ? "CONTROL_NOT_RUNNING" : "CONTROL_REFUSED";
      reject(new ControlError(code, `cannot ask ${socketPath}: ${explain(cause)}`, { cause }));
    });
    asked.end();
  });
}

function explain(cause: NodeJS.ErrnoException): string {
  if (cause.code === "EACCES") return `${describeCause(cause)}; root and members of the group kerntel may`;
  if (cause.code === "ECONNRESET" || cause.code === "EPIPE")
    return "the receiver closed the connection: it takes at most 8 of one user at a time";
  return describeCause(cause);
}
