/** Unary gRPC calls with an end, for every client of ours: the twin of `bounded-request.ts`. */
import {
  type ChannelCredentials,
  Client,
  type ClientOptions,
  connectivityState,
  Metadata,
  status,
} from "@grpc/grpc-js";

/** grpc-js gives up a connection after 20 s. */
const LONGEST_CONNECTING_MS = 30_000;

export interface CallLimits {
  /** From now until the whole answer. */
  readonly timeoutMs: number;
  readonly metadata?: Metadata;
  /** Ends the call earlier. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A connection that let one call run into its deadline is not used again: it may lead to a host that is gone, which TCP finds out
 * after a quarter of an hour. Proxies are not used, as the other clients use none.
 */
export class BoundedGrpcClient {
  readonly #connect: () => Client;
  #client: Client | undefined;

  /** `options` has to limit the answer with `grpc.max_receive_message_length`, which holds for what was unpacked, too. */
  constructor(
    address: string,
    credentials: ChannelCredentials,
    options: ClientOptions & { readonly "grpc.max_receive_message_length": number },
  ) {
    this.#connect = (): Client =>
      new Client(address, credentials, {
        // The delivery waits between attempts; a channel that waits longer would fail them without trying.
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 5_000,
        "grpc.enable_http_proxy": 0,
        // Else other clients of the same address would keep the connection.
        "grpc.use_local_subchannel_pool": 1,
        ...options,
      });
  }

  /** Rejects with a `ServiceError`, or with the error of an answer that cannot be unpacked. */
  call(
    method: string,
    request: Uint8Array,
    { timeoutMs, metadata = new Metadata(), signal }: CallLimits,
  ): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const client = (this.#client ??= this.#connect());
    const running = client.makeUnaryRequest(
      method,
      (message: Uint8Array) => Buffer.from(message.buffer, message.byteOffset, message.byteLength),
      (data: Buffer) => data,
      request,
      metadata,
      { deadline: Date.now() + timeoutMs },
      (error, answer) => {
        if (error === null) return resolve(answer ?? Buffer.alloc(0));
        if (error.code === status.DEADLINE_EXCEEDED || signal?.aborted) this.#leave(client);
        reject(error);
      },
    );
    const cancel = (): void => running.cancel();
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener("abort", cancel));
  }

  close(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // grpc-js forgets a connection that is being made when it is closed, and leaves it open.
    if (isConnecting(client))
      client
        .getChannel()
        .watchConnectivityState(connectivityState.CONNECTING, Date.now() + LONGEST_CONNECTING_MS, () =>
          client.close(),
        );
    else client.close();
  }

  #leave(client: Client): void {
    // One that is still being made is not the one that failed, and is made only once.
    if (this.#client === client && !isConnecting(client)) this.close();
  }
}

function isConnecting(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.CONNECTING;
}
