/** Functions that only free packets: a drop is attributed to the first function on its stack that is none of them. */
import type { EventBpf, KernelSettings, LoadedEvent } from "#receiver/tracing/contract.ts";

/** Kernel functions that free a packet, or a list of them, for their caller (net/core/skbuff.c, net/core/dev.c). */
const names = [
  // Until 6.2 it called another function that freed, and was the location of every drop by a queueing discipline.
  "kfree_skb_list_reason",
  "kfree_skb_list",
  // What drivers call.
  "dev_kfree_skb_any_reason",
  "__dev_kfree_skb_any",
];
/** The kernel half holds so many parts of kernel text. */
const FUNCTIONS = 8;

/** Writes where they are in the running kernel; returns the settings that put them in force. */
export function writeFreeingFunctions(
  maps: Pick<LoadedEvent, "map">,
  bpf: Pick<EventBpf, "textRanges">,
): KernelSettings {
  const found = [...bpf.textRanges(names).values()].flat().slice(0, FUNCTIONS);
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => {
    const { start, end } = found[index] ?? { start: 0n, end: 0n };
    return { start, end };
  });
  maps.map("freeing").update(0, { functions });
  const start = found.map((each) => each.start).reduce(least, found[0]?.start ?? 0n);
  const end = found.map((each) => each.end).reduce(greatest, 0n);
  return { freeing_start: start, freeing_bytes: end - start };
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function greatest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
