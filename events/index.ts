/** The list of events: one line each. */
import { registerEventTracing } from "#receiver/tracing/registry.ts";
import { createDropwatch } from "./dropwatch/event.ts";
import { createHungtask } from "./hungtask/event.ts";
import { createMemreclaim } from "./memreclaim/event.ts";
import { createNetdevLink } from "./netdev_link/event.ts";
import { createNetRxLatency } from "./net_rx_latency/event.ts";
import { createOom } from "./oom/event.ts";
import { createSchedTick } from "./sched_tick/event.ts";
import { createSoftirq } from "./softirq/event.ts";
import { createSoftlockup } from "./softlockup/event.ts";
import { createTcpRetransmit } from "./tcp_retransmit/event.ts";

export function registerEvents(): void {
  registerEventTracing("dropwatch", createDropwatch);
  registerEventTracing("hungtask", createHungtask);
  registerEventTracing("memreclaim", createMemreclaim);
  registerEventTracing("netdev_link", createNetdevLink);
  registerEventTracing("net_rx_latency", createNetRxLatency);
  registerEventTracing("oom", createOom);
  registerEventTracing("sched_tick", createSchedTick);
  registerEventTracing("softirq", createSoftirq);
  registerEventTracing("softlockup", createSoftlockup);
  registerEventTracing("tcp_retransmit", createTcpRetransmit);
}
