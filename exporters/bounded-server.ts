/**
 * An HTTP server whose clients cannot make it large, slow or deaf: it takes few connections at a time, gives each a limited
 * time, lets one that waits for nothing but its client make room for a new one, and leaves descriptors for others.
 */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo, ListenOptions, Socket } from "node:net";
import { readErrorCode } from "./coded-error.ts";
import type { CloseReason, ConnectionCounts } from "./connection-counts.ts";
import { countFreeDescriptors } from "./descriptors.ts";

export interface ServerLimits {
  /** Connections at a time. */
  readonly maxConnections?: number;
  /** For a whole request, from the connection or the previous answer on. */
  readonly requestTimeoutMs?: number;
  /** How long an answer waits for a client that takes nothing more of it. */
  readonly writeTimeoutMs?: number;
  /** Descriptors that stay free whatever connects. */
  readonly spareDescriptors?: number;
  readonly tenants?: TenantLimits;
}

export interface TenantLimits {
  /** Whose connection it is; `undefined` for one that no tenant may displace. */
  readonly find: (socket: Socket) => string | undefined;
  readonly maxPerTenant: number;
  readonly maxOfAll: number;
}

const MAX_CONNECTIONS = 32;
const REQUEST_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 30_000;
const MAX_HEADER_BYTES = 8 * 1024;
const CHECK_EVERY_MS = 1_000;
/** A client that has kept the server waiting for so long gives its place to a new one. */
const PATIENCE_MS = 1_000;

interface Connection {
  readonly socket: Socket;
  readonly tenant: string | undefined;
  response: ServerResponse | undefined;
  /** Since when it waits for nothing but its client. */
  waitsSinceMs: number;
  /** Of its answers: what the kernel has taken of whole writes, and what it has not of the one on its way. */
  takenBytes: number;
  queuedBytes: number;
}

export class BoundedServer {
  readonly #server: Server;
  readonly #limits: ServerLimits;
  readonly #counts: ConnectionCounts;
  readonly #answer: RequestListener;
  readonly #connections = new Map<Socket, Connection>();
  #timer: NodeJS.Timeout | undefined;

  constructor(answer: RequestListener, counts: ConnectionCounts, limits: ServerLimits = {}) {
    this.#answer = answer;
    this.#counts = counts;
    this.#limits = limits;
    // Both of Node's own timeouts are off: the timer of this class watches requests and answers alike.
    const options = { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 0, requestTimeout: 0 };
    this.#server = createServer(options, (request, response) => {
      this.#take(request, response);
    });
    this.#server.on("connection", (socket) => {
      this.#admit(socket);
    });
  }

  get address(): AddressInfo | string | null {
    return this.#server.address();
  }

  /** `onError` gets what goes wrong between requests; the server goes on. Rejects with the error of `listen`. */
  async listen(place: ListenOptions, onError: (error: unknown) => void): Promise<void> {
    const listening = Promise.withResolvers<void>();
    this.#server.once("error", listening.reject);
    this.#server.listen(place, listening.resolve);
    await listening.promise;
    this.#server.off("error", listening.reject);
    this.#server.on("error", (error) => {
      // libuv closed what it could not keep.
      if (["EMFILE", "ENFILE"].includes(readErrorCode(error))) this.#counts.count("too_few_descriptors");
      onError(error);
    });
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #admit(socket: Socket): void {
    const { spareDescriptors = 0, tenants } = this.#limits;
    if (spareDescriptors > 0 && countFreeDescriptors() < spareDescriptors)
      return this.#cut(socket, "too_few_descriptors");
    const tenant = tenants?.find(socket);
    const crowd = this.#findCrowd(tenant);
    if (crowd !== undefined) {
      const slowest = this.#findSlowest(crowd);
      if (slowest === undefined) return this.#cut(socket, "too_many");
      this.#cut(slowest.socket, "displaced");
    }
    const waitsSinceMs = performance.now();
    const start = { waitsSinceMs, takenBytes: 0, queuedBytes: 0 };
    this.#connections.set(socket, { socket, tenant, response: undefined, ...start });
    this.#counts.open += 1;
    this.#timer ??= setInterval(() => {
      this.#check();
    }, CHECK_EVERY_MS).unref();
    socket.once("close", () => {
      this.#forget(socket);
    });
  }

  /** The connections of which one must end before another one of this tenant may begin; `undefined` where there is room. */
  #findCrowd(tenant: string | undefined): readonly Connection[] | undefined {
    const all = [...this.#connections.values()];
    const ofTenants = all.filter((each) => each.tenant !== undefined);
    if (tenant !== undefined) {
      const { maxPerTenant = 0, maxOfAll = 0 } = this.#limits.tenants ?? {};
      const own = ofTenants.filter((each) => each.tenant === tenant);
      if (own.length >= maxPerTenant) return own;
      if (ofTenants.length >= maxOfAll) return ofTenants;
    }
    if (all.length < (this.#limits.maxConnections ?? MAX_CONNECTIONS)) return undefined;
    return tenant === undefined ? all : ofTenants;
  }

  #findSlowest(connections: readonly Connection[]): Connection | undefined {
    const nowMs = performance.now();
    const slow = connections.filter((each) => this.#measureWait(each, nowMs) >= PATIENCE_MS);
    return slow.sort((one, other) => one.waitsSinceMs - other.waitsSinceMs)[0];
  }

  /** How long it has been waiting for nothing but its client. */
  #measureWait(connection: Connection, nowMs: number): number {
    const { socket, response } = connection;
    if (response !== undefined) {
      const takenBytes = socket.bytesWritten - socket.writableLength;
      const queuedBytes = readQueuedBytes(socket);
      const hasTaken = takenBytes > connection.takenBytes || queuedBytes < connection.queuedBytes;
      // While there is nothing to take, the answer waits for this process.
      if (hasTaken || socket.writableLength === 0) connection.waitsSinceMs = nowMs;
      Object.assign(connection, { takenBytes, queuedBytes });
    }
    return nowMs - connection.waitsSinceMs;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket);
    // What was read before the connection was cut may hold more requests.
    if (connection === undefined || request.socket.destroyed) return;
    if (connection.response !== undefined) return this.#cut(request.socket, "pipelined");
    connection.response = response;
    connection.waitsSinceMs = performance.now();
    response.once("close", () => {
      connection.response = undefined;
      connection.waitsSinceMs = performance.now();
    });
    this.#answer(request, response);
  }

  #check(): void {
    const { requestTimeoutMs = REQUEST_TIMEOUT_MS, writeTimeoutMs = WRITE_TIMEOUT_MS } = this.#limits;
    const nowMs = performance.now();
    for (const connection of this.#connections.values()) {
      const waitedMs = this.#measureWait(connection, nowMs);
      const isAnswered = connection.response !== undefined;
      if (waitedMs > (isAnswered ? writeTimeoutMs : requestTimeoutMs))
        this.#cut(connection.socket, isAnswered ? "write_timeout" : "request_timeout");
    }
  }

  #cut(socket: Socket, reason: CloseReason): void {
    this.#counts.count(reason);
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    if (!this.#connections.delete(socket)) return;
    this.#counts.open -= 1;
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** What libuv still has to give to the kernel; Node's own timeout of sockets looks at it too (lib/net.js). */
function readQueuedBytes(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
