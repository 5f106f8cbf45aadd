/** Follows all network interfaces of the network namespace of this process, and stays right when messages are lost. */
import { readLink } from "./link.ts";
import type { NetworkLink } from "./link.ts";
import { writeRequest } from "./message.ts";
import type { NetlinkMessage } from "./message.ts";
import { openRouteNetlink } from "./route-netlink.ts";
import type { RouteNetlinkOptions } from "./route-netlink.ts";

const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const NLM_F_DUMP_INTR = 0x10;
/** NLM_F_REQUEST | NLM_F_DUMP */
const DUMP_FLAGS = 0x301;
/** `struct ifinfomsg` of zeros: all interfaces. */
const everything = new Uint8Array(16);
/**
 * The kernel refuses a dump while an earlier one of this socket is not read to its end, and that answer, or the end of a
 * dump, may be lost as well: silence this long means to ask again.
 */
const SILENCE_MS = 250;

export interface LinkHandlers {
  /** An interface as it is now: when the watch begins, when something about it changed, at each `refresh`. */
  onLink(link: NetworkLink): void;
  /** It was removed or moved to another network namespace. */
  onGone(index: number): void;
  /** All interfaces were told: at the beginning, after each `refresh` and each overrun. */
  onSynchronized?(): void;
  /** Messages were lost; all interfaces are asked for again. */
  onOverrun?(): void;
  /** The socket failed: nothing comes any more. Without this the error is an uncaught exception. */
  onFailed?(error: unknown): void;
}

/** What a watch needs of its socket; tests put another in its place. */
export type OpenNetlink = (options: RouteNetlinkOptions) => Disposable & { send(message: Uint8Array): void };

export interface WatchOptions {
  /** As of `openRouteNetlink`. */
  readonly receiveBufferBytes?: number;
  readonly open?: OpenNetlink;
}

/** Throws `BPF_NETLINK_FAILED`. */
export function watchLinks(handlers: LinkHandlers, options: WatchOptions = {}): LinkWatch {
  return new LinkWatch(handlers, options);
}

interface Dump {
  readonly sequence: number;
  readonly seen: Set<number>;
  isInterrupted: boolean;
}

export class LinkWatch implements Disposable {
  readonly #handlers: LinkHandlers;
  readonly #socket: Disposable & { send(message: Uint8Array): void };
  readonly #known = new Set<number>();
  #dump: Dump | undefined;
  #isWanted = false;
  #sequence = 0;
  /** Runs while a dump is under way. */
  #silence: NodeJS.Timeout | undefined;

  /** Use `watchLinks`. */
  constructor(handlers: LinkHandlers, { open = openRouteNetlink, ...options }: WatchOptions) {
    this.#handlers = handlers;
    this.#socket = open({
      ...options,
      groups: ["link"],
      onMessage: (message) => this.#take(message),
      onOverrun: () => {
        handlers.onOverrun?.();
        // The end of a dump may be among what was lost.
        this.#startAgain();
      },
      ...(handlers.onFailed && { onFailed: (error: unknown) => handlers.onFailed?.(error) }),
    });
    try {
      this.#startDump();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Asks for all interfaces again. */
  refresh(): void {
    if (this.#dump === undefined) this.#startDump();
    else this.#isWanted = true;
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#socket[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #startDump(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#startAgain(), SILENCE_MS).unref();
    this.#sequence += 1;
    this.#isWanted = false;
    this.#dump = { sequence: this.#sequence, seen: new Set(), isInterrupted: false };
    this.#socket.send(writeRequest(RTM_GETLINK, DUMP_FLAGS, this.#sequence, everything));
  }

  /** The same where no caller waits for the error. */
  #startAgain(): void {
    try {
      this.#startDump();
    } catch (error) {
      this.close();
      if (this.#handlers.onFailed === undefined) throw error;
      this.#handlers.onFailed(error);
    }
  }

  #take(message: NetlinkMessage): void {
    const dump = this.#dump?.sequence === message.sequence ? this.#dump : undefined;
    const isAnswer = dump !== undefined;
    if (isAnswer) this.#silence?.refresh();
    if (isAnswer && (message.flags & NLM_F_DUMP_INTR) !== 0) dump.isInterrupted = true;
    if (message.type === RTM_NEWLINK) this.#takeLink(message);
    else if (message.type === RTM_DELLINK) this.#takeRemoval(message);
    else if (message.type === NLMSG_DONE && isAnswer) this.#endDump();
  }

  #takeLink({ payload }: NetlinkMessage): void {
    const link = readLink(payload);
    if (link === undefined) return;
    this.#known.add(link.index);
    this.#dump?.seen.add(link.index);
    this.#handlers.onLink(link);
  }

  #takeRemoval({ payload }: NetlinkMessage): void {
    const link = readLink(payload);
    if (link !== undefined) this.#forget(link.index);
  }

  #forget(index: number): void {
    this.#dump?.seen.delete(index);
    if (this.#known.delete(index)) this.#handlers.onGone(index);
  }

  #endDump(): void {
    const ended = this.#dump;
    if (ended === undefined) return;
    // Interfaces changed while the kernel counted them out: some may be missing.
    if (ended.isInterrupted) {
      this.#startAgain();
      return;
    }
    this.#dump = undefined;
    clearTimeout(this.#silence);
    for (const index of this.#known) if (!ended.seen.has(index)) this.#forget(index);
    this.#handlers.onSynchronized?.();
    if (this.#isWanted) this.#startAgain();
  }
}
