/** A network interface, as the kernel describes it in RTM_NEWLINK (include/uapi/linux/if_link.h). */
import { readAttributes, readHardwareAddress, readNumber, readText, viewOf } from "./message.ts";
import type { NetlinkAttributes } from "./message.ts";

const INTERFACE_INFO_BYTES = 16;
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x1_0000;

const IFLA = {
  address: 1,
  name: 3,
  mtu: 4,
  master: 10,
  operationalState: 16,
  linkInfo: 18,
  carrier: 33,
  carrierChanges: 35,
  carrierUps: 47,
  carrierDowns: 48,
} as const;
const INFO = { kind: 1, data: 2, portKind: 4, portData: 5 } as const;

/** RFC 2863, section 6: ifOperStatus */
const operationalStates = [
  "unknown",
  "not_present",
  "down",
  "lower_layer_down",
  "testing",
  "dormant",
  "up",
] as const;
export type OperationalState = (typeof operationalStates)[number];

export interface NetworkLink {
  readonly index: number;
  readonly name: string;
  /** Hardware address, as `02:fc:00:00:00:01`; `""` where it has none. */
  readonly address: string;
  readonly mtu: number;
  /** Somebody set it up. */
  readonly isUp: boolean;
  /** It is up and its driver sees a carrier. */
  readonly isRunning: boolean;
  /** Its driver sees a carrier, also where nobody set it up. */
  readonly hasCarrier: boolean;
  readonly operationalState: OperationalState;
  /** How often the carrier came or went, since the interface exists; wraps at 2^32. */
  readonly carrierChanges: number;
  readonly carrierUps: number;
  readonly carrierDowns: number;
  /** Index of the bond, bridge or team that it belongs to; 0: none. */
  readonly master: number;
  /** `bond`, `veth`, `vlan`, …; `""` for hardware. */
  readonly kind: string;
  /** Attributes of its kind, as IFLA_BOND_…; a copy. */
  readonly data: NetlinkAttributes;
  /** The kind of its master. */
  readonly portKind: string;
  /** Attributes as a port of its master, as IFLA_BOND_SLAVE_…; a copy. */
  readonly portData: NetlinkAttributes;
}

/**
 * The payload of RTM_NEWLINK or RTM_DELLINK. Undefined where it is too short, or where a bridge tells about its ports
 * (family AF_BRIDGE), which is no news of the interface itself.
 */
export function readLink(payload: Uint8Array): NetworkLink | undefined {
  if (payload.length < INTERFACE_INFO_BYTES || payload[0] !== 0) return undefined;
  const header = viewOf(payload);
  const flags = header.getUint32(8, true);
  const attributes = readAttributes(payload, INTERFACE_INFO_BYTES);
  const number = (type: number): number => readNumber(attributes.get(type)) ?? 0;
  const info = readAttributes(attributes.get(IFLA.linkInfo) ?? new Uint8Array());
  return {
    index: header.getInt32(4, true),
    name: readText(attributes.get(IFLA.name)),
    address: readHardwareAddress(attributes.get(IFLA.address)),
    mtu: number(IFLA.mtu),
    isUp: (flags & IFF_UP) !== 0,
    isRunning: (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0,
    hasCarrier: (readNumber(attributes.get(IFLA.carrier)) ?? flags & IFF_LOWER_UP) !== 0,
    operationalState: operationalStates[number(IFLA.operationalState)] ?? "unknown",
    carrierChanges: number(IFLA.carrierChanges),
    carrierUps: number(IFLA.carrierUps),
    carrierDowns: number(IFLA.carrierDowns),
    master: number(IFLA.master),
    kind: readText(info.get(INFO.kind)),
    data: copyAttributes(info.get(INFO.data)),
    portKind: readText(info.get(INFO.portKind)),
    portData: copyAttributes(info.get(INFO.portData)),
  };
}

/** The bytes of a message are reused for the next one. */
function copyAttributes(nested: Uint8Array | undefined): NetlinkAttributes {
  return nested === undefined ? new Map<number, Uint8Array>() : readAttributes(nested.slice());
}
