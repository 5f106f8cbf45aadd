/** Where a segment was lost. "Not on this machine" is said only when a drop here could not have been missed. */
import type { TcpRetransmitRecord } from "./record.generated.ts";

/** What is known of the watch for local drops. Times in nanoseconds since boot. */
export interface DropWatch {
  /** How long a drop is remembered. */
  readonly windowNs: number;
  readonly sinceNs: number;
  /** When the program that notes drops was last found to have missed some; -Infinity: never. */
  readonly missedNs: number;
}

export type Cause = "local_drop" | "network_or_peer" | "unknown";

type Judged = Pick<TcpRetransmitRecord, "dropAnswer" | "kind" | "time">;

/** Timers of the kernel are late by a tick or so; a busy machine's by more. */
const LATENESS_NS = 100_000_000;

/** `timeoutNs`: the retransmission timeout in force, 0 where it is not known. */
export function judgeCause(record: Judged, timeoutNs: number, watch: DropWatch): Cause {
  if (record.dropAnswer === "found") return "local_drop";
  if (record.dropAnswer !== "none") return "unknown";
  // What comes after a timeout may have been sent long before it.
  if (record.kind === "loss_recovery" || record.kind === "unknown") return "unknown";
  // A segment was sent at most one timeout ago.
  if (timeoutNs === 0 || timeoutNs + LATENESS_NS > watch.windowNs) return "unknown";
  const begin = record.time - watch.windowNs;
  return begin < watch.sinceNs || begin < watch.missedNs ? "unknown" : "network_or_peer";
}

/** Drops of copies that were for somebody else, and of what had arrived before: the segment was not lost. */
const harmless = new Set(
  [
    "TCP_OLD_DATA",
    "TCP_OLD_SEQUENCE",
    "TCP_OFOMERGE",
    "TCP_OLD_ACK",
    "TCP_TOO_OLD_ACK",
    "OTHERHOST",
    "PACKET_SOCK_ERROR",
  ].map((reason) => `SKB_DROP_REASON_${reason}`),
);

/** As bits, in the constants of the kernel half. */
export function harmlessReasons(names: ReadonlyMap<number, string>): Record<string, bigint> {
  const words = [0n, 0n, 0n];
  for (const [reason, name] of names) {
    const word = words[reason >> 6];
    if (harmless.has(name) && word !== undefined) words[reason >> 6] = word | (1n << BigInt(reason & 63));
  }
  return Object.fromEntries(words.map((bits, index) => [`harmless_reasons_${index}`, bits]));
}
