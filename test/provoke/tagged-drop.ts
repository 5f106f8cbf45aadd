/** A datagram with VLAN tags that is dropped: the kernel frees it after a run of a program for packets. */
import { openObject } from "bpf-loader-napi";

export interface TaggedDrop {
  readonly family: "ipv4" | "ipv6";
  readonly destinationPort: number;
  /** EtherTypes of tags that stand in the packet as it comes in, the outermost first. */
  readonly received: readonly number[];
  /** How many a sender puts on: the outermost is the device's, the others come before the network header. */
  readonly pushed: number;
}

/** IANA: addresses for documentation. */
export const taggedAddresses = {
  ipv4: { source: "192.0.2.1", destination: "192.0.2.2" },
  ipv6: { source: "2001:db8::1", destination: "2001:db8::2" },
} as const;

const UDP = 17;

/** Throws where the kernel cannot run it. */
export function dropTagged({ family, destinationPort, received, pushed }: TaggedDrop): void {
  using object = openObject(new URL("tagged-drop.bpf.o", import.meta.url), {
    constants: { pushed_tags: pushed },
  }).load();
  const network = family === "ipv4" ? ipv4(destinationPort) : ipv6(destinationPort);
  const tags = received.flatMap((ethertype, index) => [...word(ethertype), ...word(index + 1)]);
  const ethertype = word(family === "ipv4" ? 0x0800 : 0x86dd);
  const packet = Uint8Array.from([...bytes(12, 2), ...tags, ...ethertype, ...network]);
  const { returnValue } = object.program("tag").run({ packet });
  if (returnValue !== 0) throw new Error("the kernel could not put a VLAN tag on a packet");
}

function ipv4(port: number): number[] {
  const header = [0x45, 0, ...word(28), 0, 0, 0, 0, 64, UDP, 0, 0];
  return [...header, 192, 0, 2, 1, 192, 0, 2, 2, ...udp(port)];
}

function ipv6(port: number): number[] {
  const prefix = [0x20, 0x01, 0x0d, 0xb8, ...bytes(11, 0)];
  return [0x60, 0, 0, 0, ...word(8), UDP, 64, ...prefix, 1, ...prefix, 2, ...udp(port)];
}

function udp(port: number): number[] {
  return [...word(9), ...word(port), ...word(8), 0, 0];
}

function word(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function bytes(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}
