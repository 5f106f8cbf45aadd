/** Names of drop reasons, as the running kernel has them. */

const PREFIX = /^SKB_(?:DROP_REASON_)?/;

/**
 * The kernel's name without its prefix. Values above 0xffff belong to a subsystem (mac80211, openvswitch) whose
 * names are not in this enum; they stay numbers.
 */
export function nameReason(reason: number, names: ReadonlyMap<number, string>): string {
  const name = names.get(reason);
  if (name !== undefined) return name.replace(PREFIX, "");
  return names.size === 0 ? "UNKNOWN" : String(reason);
}
