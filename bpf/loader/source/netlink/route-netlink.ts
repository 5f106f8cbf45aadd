/** A socket on which the kernel tells of changes in routing and network interfaces, and answers questions. */
import { refuse, requireCount } from "../argument.ts";
import { Lifetime } from "../lifetime.ts";
import { attempt } from "../native-error.ts";
import { native } from "../native.ts";
import type { NetlinkHandle } from "../native.ts";
import { forgetReader, registerReader } from "../ring-dispatch.ts";
import { readMessages } from "./message.ts";
import type { NetlinkMessage } from "./message.ts";

/** RTNLGRP_…, include/uapi/linux/rtnetlink.h */
const groupNumbers = {
  link: 1,
  neighbour: 3,
  ipv4_address: 5,
  ipv4_route: 7,
  ipv6_address: 9,
  ipv6_route: 11,
};
export type RouteGroup = keyof typeof groupNumbers;

export interface RouteNetlinkOptions {
  /** Of whose changes the kernel tells unasked. */
  readonly groups: readonly RouteGroup[];
  /** What the kernel may keep for us, in bytes; 1 MiB without it. */
  readonly receiveBufferBytes?: number;
  readonly onMessage: (message: NetlinkMessage) => void;
  /** Messages were lost, because they came faster than they were read: what is known is stale, ask again. */
  readonly onOverrun: () => void;
  /** It cannot be read any more, and is closed. Without this the error is an uncaught exception. */
  readonly onFailed?: (error: unknown) => void;
}

/** A kernel's datagram is at most 32 KiB, unless a single message is larger. */
const DATAGRAM_BYTES = 128 * 1024;
const DEFAULT_BUFFER_BYTES = 1 << 20;
/** The rest waits for the next turn of the event loop. */
const DATAGRAMS_PER_TURN = 64;
const LOST = -1;

/**
 * Opens the socket in the network namespace of this process. Throws a `BpfError` with the code
 * `BPF_NETLINK_FAILED`. Keeps the process alive until closed.
 */
export function openRouteNetlink(options: RouteNetlinkOptions): RouteNetlink {
  return new RouteNetlink(options);
}

export class RouteNetlink implements Disposable {
  readonly #options: RouteNetlinkOptions;
  readonly #lifetime = new Lifetime("Route netlink socket");
  readonly #buffer = new Uint8Array(DATAGRAM_BYTES);
  readonly #id: number;
  readonly #socket: NetlinkHandle;

  /** Use `openRouteNetlink`. */
  constructor(options: RouteNetlinkOptions) {
    const { groups, receiveBufferBytes = DEFAULT_BUFFER_BYTES } = options;
    requireCount("options.receiveBufferBytes", receiveBufferBytes, "network");
    const numbers = Uint32Array.from(groups, (group) => {
      if (!Object.hasOwn(groupNumbers, group))
        throw refuse("options.groups", Object.keys(groupNumbers).join(" or "), group, "network");
      return groupNumbers[group];
    });
    this.#options = options;
    this.#id = registerReader(() => this.#readTurn());
    try {
      this.#socket = this.#attempt("opened", () =>
        native().netlink_open(numbers, Math.min(receiveBufferBytes, 1 << 30), this.#id),
      );
      native().netlink_hold(this.#socket);
    } catch (error) {
      forgetReader(this.#id);
      throw error;
    }
  }

  /** One message, as `writeRequest` makes it. The answer comes to `onMessage`. */
  send(message: Uint8Array): void {
    this.#lifetime.check("network");
    this.#attempt("written to", () => native().netlink_send(this.#socket, message));
  }

  close(): void {
    if (!this.#lifetime.end()) return;
    forgetReader(this.#id);
    native().netlink_release(this.#socket);
    native().netlink_close(this.#socket);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readTurn(): void {
    if (this.#lifetime.isOver) return;
    let isEmpty = false;
    try {
      for (let count = 0; count < DATAGRAMS_PER_TURN && !isEmpty && !this.#lifetime.isOver; count++)
        isEmpty = !this.#readDatagram();
    } finally {
      // Also when a handler threw: the next message must not be lost with it.
      this.#continue(isEmpty);
    }
  }

  #readDatagram(): boolean {
    const { onMessage, onOverrun } = this.#options;
    const size = this.#use("read", () => native().netlink_read(this.#socket, this.#buffer));
    if (size === undefined || size === 0) return false;
    if (size === LOST) onOverrun();
    else {
      for (const message of readMessages(this.#buffer.subarray(0, size))) {
        onMessage(message);
        if (this.#lifetime.isOver) break;
      }
    }
    return true;
  }

  #continue(isEmpty: boolean): void {
    if (this.#lifetime.isOver) return;
    if (isEmpty) this.#use("watched", () => native().netlink_arm(this.#socket));
    else setImmediate(() => this.#readTurn());
  }

  /** A socket that fails once would fail at every turn. */
  #use<Result>(verb: string, call: () => Result): Result | undefined {
    try {
      return this.#attempt(verb, call);
    } catch (error) {
      this.close();
      if (this.#options.onFailed === undefined) throw error;
      this.#options.onFailed(error);
      return undefined;
    }
  }

  #attempt<Result>(verb: string, call: () => Result): Result {
    const failure = `The route netlink socket could not be ${verb}`;
    return attempt({ code: "BPF_NETLINK_FAILED", phase: "network", failure }, call);
  }
}
