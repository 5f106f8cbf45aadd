/** How old a packet may be at each stage. */
import type { EventTracingAttr, KernelSettings } from "#receiver/tracing/contract.ts";

export interface Thresholds {
  readonly to_stack_threshold_ms: number;
  readonly to_transport_threshold_ms: number;
  readonly to_user_threshold_ms: number;
}

type Property = NonNullable<EventTracingAttr["config"]>[string];

const threshold = (place: string, byDefault: number): Property => ({
  type: "number",
  unit: "ms",
  description: `Age in milliseconds from which on a packet is late ${place}.`,
  default: byDefault,
  minimum: 0.001,
  maximum: 600_000,
});

export const latencyConfig: Readonly<Record<keyof Thresholds, Property>> = {
  to_stack_threshold_ms: threshold("at the network stack", 5),
  to_transport_threshold_ms: threshold("at its socket", 10),
  to_user_threshold_ms: threshold("at its reader", 115),
};

export function thresholdSettings(config: Thresholds): KernelSettings {
  return {
    to_stack_threshold_ns: toNs(config.to_stack_threshold_ms),
    to_transport_threshold_ns: toNs(config.to_transport_threshold_ms),
    to_user_threshold_ns: toNs(config.to_user_threshold_ms),
  };
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}
