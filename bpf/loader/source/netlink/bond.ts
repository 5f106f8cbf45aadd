/** What a bond and its ports say of themselves (IFLA_BOND_…, include/uapi/linux/if_link.h). */
import type { NetworkLink } from "./link.ts";
import { readAttributes, readHardwareAddress, readNumber } from "./message.ts";

/** By the number of BOND_MODE_…, include/uapi/linux/if_bonding.h */
const modes = [
  "balance-rr",
  "active-backup",
  "balance-xor",
  "broadcast",
  "802.3ad",
  "balance-tlb",
  "balance-alb",
] as const;
export type BondMode = (typeof modes)[number];

/** IFLA_BOND_…, and below its aggregator IFLA_BOND_AD_INFO_… */
const BOND = { mode: 1, aggregator: 23 } as const;
const AGGREGATOR = { id: 1, portCount: 2, actorKey: 3, partnerKey: 4, partnerAddress: 5 } as const;
/** IFLA_BOND_SLAVE_… */
const PORT = { state: 1, linkState: 2, failures: 3, aggregator: 6, actorState: 7, partnerState: 8 } as const;

export interface Bond {
  readonly mode: BondMode | undefined;
  /** The active aggregator of 802.3ad. */
  readonly aggregator:
    | {
        readonly id: number;
        readonly portCount: number;
        readonly actorKey: number;
        readonly partnerKey: number;
        readonly partnerAddress: string;
      }
    | undefined;
}

export interface BondPort {
  readonly isActive: boolean;
  /** Whether the bond takes its link to be up (MII or ARP monitoring). */
  readonly isLinkUp: boolean;
  readonly linkFailures: number;
  /** Of 802.3ad; undefined in other modes. */
  readonly aggregatorId: number | undefined;
  /** Bits of IEEE 802.1AX, section 6.4.2.3 (formerly 802.3ad 43.4.2.2). */
  readonly actorState: number | undefined;
  readonly partnerState: number | undefined;
}

/** Undefined where the interface is no bond. */
export function readBond({ kind, data }: Pick<NetworkLink, "kind" | "data">): Bond | undefined {
  if (kind !== "bond") return undefined;
  const aggregator = data.get(BOND.aggregator);
  const inner = readAttributes(aggregator ?? new Uint8Array());
  const number = (type: number): number => readNumber(inner.get(type)) ?? 0;
  return {
    mode: modes[readNumber(data.get(BOND.mode)) ?? modes.length],
    aggregator:
      aggregator === undefined
        ? undefined
        : {
            id: number(AGGREGATOR.id),
            portCount: number(AGGREGATOR.portCount),
            actorKey: number(AGGREGATOR.actorKey),
            partnerKey: number(AGGREGATOR.partnerKey),
            partnerAddress: readHardwareAddress(inner.get(AGGREGATOR.partnerAddress)),
          },
  };
}

/** Undefined where the interface is no port of a bond. */
export function readBondPort({
  portKind,
  portData,
}: Pick<NetworkLink, "portKind" | "portData">): BondPort | undefined {
  if (portKind !== "bond") return undefined;
  return {
    // BOND_STATE_ACTIVE and BOND_LINK_UP are both 0.
    isActive: readNumber(portData.get(PORT.state)) === 0,
    isLinkUp: readNumber(portData.get(PORT.linkState)) === 0,
    linkFailures: readNumber(portData.get(PORT.failures)) ?? 0,
    aggregatorId: readNumber(portData.get(PORT.aggregator)),
    actorState: readNumber(portData.get(PORT.actorState)),
    partnerState: readNumber(portData.get(PORT.partnerState)),
  };
}
