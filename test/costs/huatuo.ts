/**
 * What HUATUO's programs cost above an empty one on the same hook, in instructions: its commit a1e74a8e, every event
 * on that runs without Kubernetes, on Debian's kernel 6.1, measured in the same kind of guest.
 */
import type { CostState, Workload } from "./cost-states.ts";

interface HuatuoFigure {
  /** Which of our events does the same on this hook. */
  readonly event: string;
  /** The function or tracepoint, without the kind of hook. */
  readonly target: string;
  readonly states: readonly CostState["state"][];
  /** Any, where it is left out. */
  readonly workload?: Workload;
  readonly aboveEmpty: number;
}

const figures: readonly HuatuoFigure[] = [
  { event: "dropwatch", target: "kfree_skb", states: ["record"], aboveEmpty: 17_236 },
  { event: "dropwatch", target: "kfree_skb", states: ["limited", "below"], aboveEmpty: 2_210 },
  {
    event: "net_rx_latency",
    target: "netif_receive_skb",
    states: ["below"],
    workload: "tcp-round-trip",
    aboveEmpty: 637,
  },
  {
    event: "net_rx_latency",
    target: "netif_receive_skb",
    states: ["below"],
    workload: "datagram-round-trip",
    aboveEmpty: 372,
  },
  { event: "net_rx_latency", target: "tcp_v4_rcv", states: ["below"], aboveEmpty: 360 },
  { event: "net_rx_latency", target: "skb_copy_datagram_iovec", states: ["below"], aboveEmpty: 644 },
  { event: "softirq", target: "softirq_raise", states: ["below"], aboveEmpty: 76 },
  { event: "softirq", target: "softirq_entry", states: ["below"], aboveEmpty: 87 },
  { event: "memreclaim", target: "mm_vmscan_memcg_reclaim_begin", states: ["below"], aboveEmpty: 415 },
  // Its record is made in a kprobe of oom_kill_process, and says less.
  { event: "oom", target: "mark_victim", states: ["record"], aboveEmpty: 4_321 },
];

/** Share of its own instructions that HUATUO adds to fixed work. */
const shares: Partial<Record<Workload, number>> = {
  "tcp-round-trip": 0.34,
  "closed-port": 0.31,
  "fork-exec": 0.015,
};

/** What one run of a program of ours is compared with. */
export interface Compared {
  readonly event: string;
  /** As `tp_btf/kfree_skb`. */
  readonly hook: string;
  readonly state: CostState["state"];
  readonly workload: Workload;
}

export function findHuatuoFigure({ event, hook, state, workload }: Compared): number | undefined {
  const target = hook.split("/").at(-1);
  return figures.find(
    (figure) =>
      figure.event === event &&
      figure.target === target &&
      figure.states.includes(state) &&
      (figure.workload ?? workload) === workload,
  )?.aboveEmpty;
}

export function findHuatuoShare(workload: Workload): number | undefined {
  return shares[workload];
}
