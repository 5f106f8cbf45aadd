/** What events ask about network interfaces: rtnetlink and ethtool, in the network namespace of the program. */
import { readFileSync, readlinkSync } from "node:fs";
import {
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
  /** Follows all interfaces until disposed; `refresh` asks for all of them again. */
  watchLinks(handlers: LinkHandlers): Disposable & { refresh(): void };
  /** Driver and firmware; undefined where the driver does not answer or the interface is gone. */
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

export const eventNetwork: EventNetwork = {
  watchLinks: (handlers) => watchLinks(handlers),
  driver: ethtoolDriver,
  speed: ethtoolLink,
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

/** Of another process with more capabilities than ours the kernel keeps it secret (CAP_SYS_PTRACE). */
function readLinkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

export type { Bond, BondPort, EthtoolDriver, EthtoolLink, NetworkLink };
