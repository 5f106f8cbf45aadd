/** A backend that is well or hostile as a test says. It is every backend and every runtime at once: how it is addressed decides. */
import { createServer as createHttp } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import type { ServerHttp2Stream } from "node:http2";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";
import type { HostileAnswer } from "./hostile-answers.ts";

export interface HostileServer {
  /** `undefined` while it is well. */
  answer: HostileAnswer | undefined;
  /** Requests since the start, hostile or not. */
  requests: number;
  /** Requests that were answered well. */
  served: number;
  readonly port: number;
  /** Connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Listens on the Unix socket where there is one, else on a port of 127.0.0.1. */
export async function startHostileServer(context: TestContext, path?: string): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const state = { answer: undefined as HostileAnswer | undefined, requests: 0, served: 0, port: 0, sockets };
  const http = createHttp((request, response) => {
    state.requests += 1;
    const { answer } = state;
    request.resume();
    if (answer === undefined)
      request.on("end", () => {
        state.served += 1;
        serve(request, response);
      });
    else answer.http(request.socket);
  });
  const http2 = createHttp2();
  http2.on("sessionError", () => {});
  http2.on("stream", (stream: ServerHttp2Stream) => {
    state.requests += 1;
    stream.on("error", () => {});
    stream.resume();
    const { answer } = state;
    if (answer === undefined)
      stream.on("end", () => {
        state.served += 1;
        serveGrpc(stream);
      });
    else answer.grpc(stream);
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    socket.once("readable", () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      // The preface of HTTP/2 (RFC 9113 section 3.4).
      (first.toString("latin1").startsWith("PRI * ") ? http2 : http).emit("connection", socket);
    });
  });
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(path, resolve);
  });
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  if (path === undefined) state.port = (server.address() as AddressInfo).port;
  return state;
}

/** What a backend, a runtime or a kubelet without containers answers. */
function serve({ url = "", method }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("content-type", "application/json");
  const [, id] = /^\/containers\/([^/]+)\/json$/.exec(url) ?? [];
  if (id !== undefined) response.end(JSON.stringify({ Id: id, Name: "/web" }));
  else if (method === "GET") response.end('{"kind":"PodList","items":[]}');
  else response.end(url.includes("/_bulk") ? '{"errors":false}' : "{}");
}

/** A message without fields, which is what all of our calls may get. */
function serveGrpc(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.alloc(5));
}
