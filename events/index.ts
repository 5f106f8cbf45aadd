/** The list of events: one line each. */
import { registerEventTracing } from "#receiver/tracing/registry.ts";
import { createDropwatch } from "./dropwatch/event.ts";
import { createNetRxLatency } from "./net_rx_latency/event.ts";
import { createOom } from "./oom/event.ts";
import { createTcpRetransmit } from "./tcp_retransmit/event.ts";

export function registerEvents(): void {
  registerEventTracing("dropwatch", createDropwatch);
  registerEventTracing("net_rx_latency", createNetRxLatency);
  registerEventTracing("oom", createOom);
  registerEventTracing("tcp_retransmit", createTcpRetransmit);
}
