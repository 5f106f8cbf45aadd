/** Drops that are known to be no loss: named rules, decided in the kernel by reason and by function. */
import type { kerntelDropwatchFiltered } from "./telemetry.generated.ts";
import type { ConfigProperty, MetricDefinition } from "#receiver/tracing/contract.ts";

type RuleName =
  typeof kerntelDropwatchFiltered extends MetricDefinition<
    infer Labels extends { "kerntel.dropwatch.rule": string }
  >
    ? Labels["kerntel.dropwatch.rule"]
    : never;

export interface NoiseRule {
  /** The label of the metric; `noise_<name>` is the key in the configuration. */
  readonly name: RuleName;
  readonly what: string;
  /** Kernel names without their prefix; a drop for one of them is noise wherever it happens. */
  readonly reasons?: readonly string[];
  /** Kernel functions; a drop there is noise for one of `functionReasons`, or where no reason is told. */
  readonly functions?: readonly string[] | "anywhere";
  readonly functionReasons?: readonly string[];
  /** Which packets it is about; every packet where it is left out. */
  readonly only?: keyof typeof conditions;
  /** Functions at which the rule does not hold. */
  readonly except?: readonly string[];
}

/** Of the kernel half's `enum noise_condition`: packets without a byte; messages of netlink sockets. */
export const conditions = { empty: 1, netlink: 2 } as const;

/** In the order of their numbers in the kernel half, from 1. */
export const noiseRules: readonly NoiseRule[] = [
  {
    name: "queue_purge",
    what: "what was queued at a socket that is closed, the out-of-order queue of TCP among it",
    reasons: ["QUEUE_PURGE"],
    functions: [
      "skb_rbtree_purge",
      "skb_queue_purge",
      "skb_queue_purge_reason",
      "skb_errqueue_purge",
      "sk_stream_kill_queues",
      "inet_sock_destruct",
    ],
  },
  {
    name: "neighbour_timeout",
    what: "packets that waited for a neighbour that does not answer",
    reasons: ["NEIGH_FAILED"],
    functions: ["neigh_invalidate", "neigh_timer_handler"],
  },
  {
    name: "transmit_completion",
    what: "packets that were sent, and that a driver then frees as if it dropped them",
    functions: ["net_tx_action", "bnxt_tx_int", "__bnxt_tx_int", "vmxnet3_unmap_pkt", "xennet_tx_buf_gc"],
  },
  {
    name: "packet_socket",
    what: "copies for packet and raw sockets that the socket's own filter does not want",
    functions: [
      "packet_rcv",
      "packet_rcv_spkt",
      "tpacket_rcv",
      "raw_rcv",
      "raw_rcv_skb",
      "raw_local_deliver",
      "rawv6_rcv",
      "rawv6_rcv_skb",
    ],
    functionReasons: ["SOCKET_FILTER"],
  },
  {
    name: "unix_connect",
    what: "the empty packet that connecting a Unix socket leaves behind",
    functions: ["unix_stream_connect"],
    only: "empty",
  },
  {
    name: "ping_reply",
    what: "echo replies that a raw socket has got, looked for among the ping sockets too",
    // Compilers may leave ping_rcv by a jump: then its caller is the place.
    functions: ["ping_rcv", "icmp_rcv", "icmpv6_rcv"],
    functionReasons: ["NO_SOCKET"],
  },
  {
    name: "multicast",
    what: "IPv6 multicast that nobody on this machine has joined",
    functions: ["ip6_mc_input"],
  },
  {
    name: "fragments",
    what: "fragments of a packet that was put together again, freed with it, whether it was received or dropped",
    functions: ["skb_release_data"],
  },
  {
    name: "netlink",
    what: "messages between processes and the kernel (netlink), freed once they were handled",
    functions: "anywhere",
    only: "netlink",
    // There a message is freed because its reader is too slow: the reader lost it.
    except: ["netlink_attachskb", "netlink_broadcast", "netlink_broadcast_filtered"],
  },
];

/** Name of a rule's number in the kernel half; 0 is the user's filter. */
export const ruleNames: readonly RuleName[] = ["filter", ...noiseRules.map(({ name }) => name), "functions"];

export type NoiseConfig = Readonly<Record<string, unknown>>;

export const noiseConfig: Readonly<Record<string, ConfigProperty>> = {
  ...Object.fromEntries(
    noiseRules.map(({ name, what }): [string, ConfigProperty] => [
      `noise_${name}`,
      { type: "boolean", description: `Not described, only counted: ${what}.`, default: true },
    ]),
  ),
  noise_functions: {
    type: "array",
    description: "Kernel functions whose drops are not described, only counted, whatever the reason is.",
    default: [],
    items: { type: "string" },
  },
};
