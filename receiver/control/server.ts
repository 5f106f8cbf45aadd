/** What a running Kerntel answers on its Unix socket: HTTP, so that `curl --unix-socket` can ask too. */
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { readRequestTarget } from "#exporters/request-target.ts";
import { describeCause } from "#exporters/system-error.ts";
import { ControlError } from "./control-error.ts";
import { isSocketPath } from "./path.ts";

/** Answers by path: lines of JSON. Throwing before the first line answers 400 with the message. */
export type Routes = Readonly<
  Record<string, (query: URLSearchParams) => AsyncIterable<string> | Iterable<string>>
>;

/**
 * Listens on `path`, readable by the owner only. Replaces a socket that a killed process left; the caller holds
 * the state directory's lock. `onError` hears of what goes wrong between requests, as when there are no more files to
 * open; the server goes on. Throws `ControlError`.
 */
export async function startControlServer(
  path: string,
  routes: Routes,
  onError: (error: unknown) => void = () => {},
): Promise<AsyncDisposable> {
  if (!isSocketPath(path)) {
    throw new ControlError(
      "CONTROL_PATH_TOO_LONG",
      `the state directory's path is too long for a socket: ${path}`,
    );
  }
  const explain = (cause: unknown): ControlError =>
    new ControlError("CONTROL_CANNOT_LISTEN", `cannot listen on ${path}: ${describeCause(cause)}`, { cause });
  await rm(path, { force: true }).catch((error: unknown) => {
    throw explain(error);
  });
  const server = createServer((request, response) => {
    const { path: asked, query } = readRequestTarget(request.url);
    const route = Object.hasOwn(routes, asked) ? routes[asked] : undefined;
    if (route === undefined) {
      response.writeHead(404).end();
      return;
    }
    void answer(response, () => route(query));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(explain(cause));
    });
    // The socket file is made inside listen(), so nobody else can open it in between.
    const previous = process.umask(0o177);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(previous);
    }
  });
  server.on("error", onError);
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function answer(
  response: ServerResponse,
  lines: () => AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  try {
    const body = await startLines(lines());
    response.setHeader("content-type", "application/x-ndjson");
    await pipeline(Readable.from(body, { objectMode: false }), response);
  } catch (error) {
    // The other side hung up, or asked for something impossible; neither is this program's trouble.
    if (response.headersSent) response.destroy();
    else response.writeHead(400).end(error instanceof Error ? error.message : String(error));
  }
}

/** The first line is there before an answer begins: a route that is a generator throws only when it is read. */
async function startLines(lines: AsyncIterable<string> | Iterable<string>): Promise<AsyncIterable<string>> {
  const body = withNewlines(lines);
  const first = await body.next();
  return first.done === true ? body : prepend(first.value, body);
}

async function* prepend(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    yield first;
    yield* rest;
  } finally {
    // Also where the other side hangs up after the first line, before the rest was begun.
    await rest.return(undefined);
  }
}

async function* withNewlines(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
