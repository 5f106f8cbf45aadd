/** The limit of an event whose kernel half includes bpf/include/limit.h. */
import type { ConfigProperty, KernelSettings } from "./contract.ts";

const NS_PER_SECOND = 1_000_000_000n;

/** Settings of the kernel half for so many records a second, and a burst of one second; 0: no limit. */
export function limitSettings(perSecond: number): KernelSettings {
  return {
    limit_interval_ns: perSecond === 0 ? 0n : NS_PER_SECOND / BigInt(perSecond),
    limit_burst_ns: NS_PER_SECOND,
  };
}

const shared = ", of which each container, unit and user has a share";

/**
 * The key `limit_per_second`. `what`: words that are counted, as "Drops described". `isShared`: the BPF program knows whose doing
 * it is (bpf/include/tenant-limit.h).
 */
export function limitConfig(what: string, byDefault: number, isShared = true): ConfigProperty {
  return {
    type: "integer",
    unit: "{record}/s",
    description: `${what} a second, for the whole machine${isShared ? shared : ""}; the rest is counted. 0: no limit.`,
    default: byDefault,
    minimum: 0,
    maximum: 1_000_000,
  };
}
