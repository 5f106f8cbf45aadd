/** Unary calls over a Unix socket, with messages described by a `.proto` file of ours. */
import { readFileSync } from "node:fs";
import { Client, Metadata, credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import type { Type } from "protobufjs";

/** Containers and their labels; a runtime that sends more is not to be believed. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

export interface Call {
  readonly method: string;
  readonly request: string;
  readonly response: string;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly metadata?: Readonly<Record<string, string>>;
}

export class GrpcChannel {
  readonly #client: Client;
  readonly #root: protobuf.Root;

  /** `proto`: the description of all messages; `socket`: a path. */
  constructor(socket: string, proto: URL) {
    this.#root = protobuf.parse(readFileSync(proto, "utf8")).root;
    this.#client = new Client(`unix://${socket}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": LARGEST_ANSWER_BYTES,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 5_000,
      // The name of a socket is no host name, which HTTP/2 servers look at.
      "grpc.default_authority": "localhost",
    });
  }

  /** Rejects with a `ServiceError`, or the error of a message that cannot be read. */
  call<Response>(call: Call, message: object, { signal, metadata = {} }: CallOptions): Promise<Response> {
    const [request, response] = [this.#type(call.request), this.#type(call.response)];
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const headers = new Metadata();
    for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
    const running = this.#client.makeUnaryRequest(
      call.method,
      (value: object) => Buffer.from(request.encode(request.fromObject(value)).finish()),
      (bytes: Buffer) => response.toObject(response.decode(bytes), { defaults: true }) as Response,
      message,
      headers,
      (error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error("the answer is empty"));
      },
    );
    const cancel = (): void => running.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => {
      signal.removeEventListener("abort", cancel);
    });
  }

  close(): void {
    this.#client.close();
  }

  #type(name: string): Type {
    return this.#root.lookupType(name);
  }
}
