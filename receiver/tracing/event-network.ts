/** What events query about network interfaces: rtnetlink and ethtool, in the network namespace of the receiver. */
import { readFileSync, readlinkSync } from "node:fs";
import {
  BpfError,
  decodeKernelText,
  encodeKernelText,
  ethtoolDriver,
  ethtoolLink,
  readBond,
  readBondPort,
  watchLinks,
} from "bpf-loader-napi";
import type { Bond, BondPort, EthtoolDriver, EthtoolLink, LinkHandlers, NetworkLink } from "bpf-loader-napi";

export interface EventNetwork {
  /**
   * Follows all interfaces until disposed; `refresh` asks for all of them again. An error in a handler, or of the
   * socket, restarts the event.
   */
  watchLinks(handlers: LinkHandlers): Disposable & { refresh(): void };
  /**
   * Driver and firmware; undefined where the interface is gone, or its driver does not know or answers with an error,
   * which is counted and reported.
   */
  driver(name: string): EthtoolDriver | undefined;
  /** Speed and duplex, likewise. */
  speed(name: string): EthtoolLink | undefined;
  /** The interface as a bond, or as a port of one; undefined where it is none. */
  bond(link: NetworkLink): Bond | undefined;
  bondPort(link: NetworkLink): BondPort | undefined;
  /** What the driver writes of a bond in `/proc/net/bonding/`. Throws where the bond is gone. */
  bondFile(name: string): string;
  /** As `net:[4026531840]`; whether it is that of the first process, undefined where the kernel keeps that secret. */
  namespace(): { readonly name: string; readonly isHost: boolean | undefined };
}

export interface EventNetworkOptions {
  /** Runs a handler of the event; what it throws restarts the event. */
  readonly guard: (act: () => void) => void;
  /** Ends the run of the event. */
  readonly onFailed: (error: unknown) => void;
  /** A driver answered with an error; `errorName` as `EIO`. */
  readonly onDriverError: (interfaceName: string, errorName: string, error: Error) => void;
  /** The driver's own answers; tests put others in their place. */
  readonly ethtool?: {
    readonly driver: typeof ethtoolDriver;
    readonly link: typeof ethtoolLink;
  };
}

const kernelEthtool = { driver: ethtoolDriver, link: ethtoolLink };

export function createEventNetwork(options: EventNetworkOptions): EventNetwork {
  const { guard, onFailed, onDriverError, ethtool = kernelEthtool } = options;
  // Whatever a driver answers is an answer: broken hardware is when the event is needed most.
  const query = <Answer>(name: string, call: () => Answer): Answer | undefined => {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof BpfError) || error.code !== "BPF_ETHTOOL_FAILED") throw error;
      onDriverError(name, error.errno ?? "unknown", error);
      return undefined;
    }
  };
  return {
    watchLinks: (handlers) =>
      watchLinks({
        onLink: (link) => {
          guard(() => {
            handlers.onLink(link);
          });
        },
        onGone: (index) => {
          guard(() => {
            handlers.onGone(index);
          });
        },
        onSynchronized: () => {
          guard(() => handlers.onSynchronized?.());
        },
        onOverrun: () => {
          guard(() => handlers.onOverrun?.());
        },
        onFailed,
      }),
    driver: (name) => query(name, () => ethtool.driver(name)),
    speed: (name) => query(name, () => ethtool.link(name)),
    bond: readBond,
    bondPort: readBondPort,
    bondFile: (name) => {
      // Not every name is UTF-8.
      const path = Buffer.concat([Buffer.from("/proc/net/bonding/"), encodeKernelText(name)]);
      return decodeKernelText(readFileSync(path));
    },
    namespace: () => {
      const name = readlinkSync("/proc/self/ns/net");
      const first = readLinkOf("/proc/1/ns/net");
      return { name, isHost: first === undefined ? undefined : name === first };
    },
  };
}

/** Of another process with more capabilities than ours the kernel keeps it secret (CAP_SYS_PTRACE). */
function readLinkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

export type { Bond, BondPort, EthtoolDriver, EthtoolLink, NetworkLink };
