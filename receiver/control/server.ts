/** What a running Kerntel answers on its Unix socket: HTTP, so that `curl --unix-socket` can ask too. */
import { chmod, chown, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { BoundedServer } from "#exporters/bounded-server.ts";
import type { ServerLimits } from "#exporters/bounded-server.ts";
import { ConnectionCounts } from "#exporters/connection-counts.ts";
import { spareDescriptors } from "#exporters/descriptors.ts";
import { readRequestTarget } from "#exporters/request-target.ts";
import { describeCause } from "#exporters/system-error.ts";
import { ControlError } from "./control-error.ts";
import { isSocketPath } from "./path.ts";
import { controlTenants, isPrivileged, readPeer } from "../peers.ts";
import type { ControlPlace } from "./run-directory.ts";

/** Lines of JSON. Throwing before the first line answers 400 with the message. */
export type Route = (query: URLSearchParams) => AsyncIterable<string> | Iterable<string>;

/** Answers by path. */
export interface Routes {
  /** For whoever may connect. */
  readonly read: Readonly<Record<string, Route>>;
  /** By POST, for root and the receiver's own user. */
  readonly change?: Readonly<Record<string, Route>>;
}

export interface ControlServerOptions {
  /** Gets what goes wrong between requests, as when there are no more files to open; the server goes on. */
  readonly onError?: (error: unknown) => void;
  readonly connections?: ConnectionCounts;
  readonly limits?: ServerLimits;
}

/** A pager that a person has left alone holds its query for so long. */
const WRITE_TIMEOUT_MS = 10 * 60_000;

/**
 * Listens there, for this user and the group of the place. Replaces a socket that a killed process left; the caller holds
 * the state directory's lock. Throws `ControlError`.
 */
export async function startControlServer(
  { path, groupId }: ControlPlace,
  routes: Routes,
  { onError = () => {}, connections = new ConnectionCounts(), limits }: ControlServerOptions = {},
): Promise<AsyncDisposable> {
  if (!isSocketPath(path))
    throw new ControlError("CONTROL_PATH_TOO_LONG", `the path is too long for a socket: ${path}`);
  const explain = (cause: unknown): ControlError =>
    new ControlError("CONTROL_CANNOT_LISTEN", `cannot listen on ${path}: ${describeCause(cause)}`, { cause });
  if (await isAnswered(path)) {
    const reason = "another receiver answers there; set KERNTEL_RUN_DIR to a directory of this one's own";
    throw new ControlError("CONTROL_CANNOT_LISTEN", `cannot listen on ${path}: ${reason}`);
  }
  const server = new BoundedServer(
    (request, response) => void dispatch(routes, request, response),
    connections,
    {
      spareDescriptors: spareDescriptors.control,
      writeTimeoutMs: WRITE_TIMEOUT_MS,
      tenants: controlTenants,
      ...limits,
    },
  );
  try {
    await rm(path, { force: true });
    await listenPrivately(server, path, onError);
  } catch (error) {
    throw explain(error);
  }
  if (groupId !== undefined) {
    await chown(path, process.geteuid?.() ?? 0, groupId);
    await chmod(path, 0o660);
  }
  return { [Symbol.asyncDispose]: () => server.close() };
}

/** The socket file is made inside listen(), so nobody else can open it in between. */
function listenPrivately(
  server: BoundedServer,
  path: string,
  onError: (error: unknown) => void,
): Promise<void> {
  const previous = process.umask(0o177);
  try {
    return server.listen({ path }, onError);
  } finally {
    process.umask(previous);
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

async function dispatch(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { path: asked, query } = readRequestTarget(request.url);
  const read = Object.hasOwn(routes.read, asked) ? routes.read[asked] : undefined;
  const change = routes.change && Object.hasOwn(routes.change, asked) ? routes.change[asked] : undefined;
  if (read !== undefined) {
    await answer(response, () => read(query));
  } else if (change === undefined) {
    response.writeHead(404).end();
  } else if (request.method !== "POST") {
    response.writeHead(405, { allow: "POST" }).end(`${asked} changes something: it takes POST`);
  } else if (!isPrivileged(readPeer(request.socket))) {
    response.writeHead(403).end(`${asked} is for root alone, and the user that the receiver runs as`);
  } else {
    await answer(response, () => change(query));
  }
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
