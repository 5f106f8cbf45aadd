/** Bits of an LACP port's state (IEEE 802.1AX-2020, 6.4.2.3; formerly 802.3ad, 43.4.2.2). */

const names = [
  "activity",
  "short_timeout",
  "aggregation",
  "synchronization",
  "collecting",
  "distributing",
  "defaulted",
  "expired",
] as const;

export type PortBit = (typeof names)[number];

export function nameState(state: number): PortBit[] {
  return names.filter((_, bit) => ((state >> bit) & 1) === 1);
}

function hasBits(state: number, ...bits: readonly PortBit[]): boolean {
  return bits.every((bit) => ((state >> names.indexOf(bit)) & 1) === 1);
}

/** The port sends and receives the bond's traffic. */
export function isInService(actorState: number): boolean {
  return hasBits(actorState, "collecting", "distributing");
}

/** No LACPDU came in time, or none ever: what is known of the partner is a guess. */
export function isPartnerLost(actorState: number): boolean {
  return hasBits(actorState, "defaulted") || hasBits(actorState, "expired");
}
