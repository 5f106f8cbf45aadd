/** Unary calls over a Unix socket, with messages described by a `.proto` file of ours. */
import { readFileSync } from "node:fs";
import { Metadata, credentials } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import type { Type } from "protobufjs";
import { BoundedGrpcClient } from "#exporters/bounded-grpc.ts";
import { LARGEST_LIST_BYTES, LONGEST_LOOKUP_MS } from "./http.ts";

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
  readonly #client: BoundedGrpcClient;
  readonly #root: protobuf.Root;

  /** `proto`: the description of all messages; `socket`: a path. */
  constructor(socket: string, proto: URL) {
    this.#root = protobuf.parse(readFileSync(proto, "utf8")).root;
    this.#client = new BoundedGrpcClient(`unix://${socket}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": LARGEST_LIST_BYTES,
      // The name of a socket is no host name, which HTTP/2 servers look at.
      "grpc.default_authority": "localhost",
    });
  }

  /**
   * Rejects with a `ServiceError`, or the error of a message that cannot be read. What is missing in the answer has its default by way
   * of the prototype: a long list is not there a second time as plain objects.
   */
  async call<Response>(
    call: Call,
    message: object,
    { signal, metadata = {} }: CallOptions,
  ): Promise<Response> {
    const [request, response] = [this.#type(call.request), this.#type(call.response)];
    const headers = new Metadata();
    for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
    const bytes = request.encode(request.fromObject(message)).finish();
    const limits = { timeoutMs: LONGEST_LOOKUP_MS, metadata: headers, signal };
    return response.decode(await this.#client.call(call.method, bytes, limits)) as Response;
  }

  close(): void {
    this.#client.close();
  }

  #type(name: string): Type {
    return this.#root.lookupType(name);
  }
}
