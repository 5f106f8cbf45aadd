/** The partner and churn in a record of the kernel half, as `/proc/net/bonding` would have told them at that moment. */
import { NO_PARTNER } from "./bond-file.ts";
import type { PortDetails } from "./bond-file.ts";
import type { BondingLacpRecord } from "./record.generated.ts";

/** By the number of AD_CHURN_MONITOR, AD_CHURN and AD_NO_CHURN, include/net/bond_3ad.h */
const churnStates = ["monitoring", "churned", "none"] as const;

export function readRecord(record: BondingLacpRecord): PortDetails {
  const address = Array.from(record.partnerAddress, (byte) => byte.toString(16).padStart(2, "0")).join(":");
  return {
    partnerAddress: address === NO_PARTNER ? undefined : address,
    partnerKey: record.partnerKey,
    partnerPort: record.partnerPort,
    actorChurn: churnStates[record.actorChurn],
    partnerChurn: churnStates[record.partnerChurn],
  };
}
