// Generated from the folders beside it: add one, then run "npm run generate".
import { registerEventTracing } from "#receiver/tracing/registry.ts";
import { createBlind } from "./blind/event.ts";
import { createBondingLacp } from "./bonding_lacp/event.ts";
import { createCoverage } from "./coverage/event.ts";
import { createDropwatch } from "./dropwatch/event.ts";
import { createHungtask } from "./hungtask/event.ts";
import { createMemreclaim } from "./memreclaim/event.ts";
import { createNetRxLatency } from "./net_rx_latency/event.ts";
import { createNetdevLink } from "./netdev_link/event.ts";
import { createNetdevTxqueueTimeout } from "./netdev_txqueue_timeout/event.ts";
import { createOom } from "./oom/event.ts";
import { createRas } from "./ras/event.ts";
import { createSchedTick } from "./sched_tick/event.ts";
import { createSoftirq } from "./softirq/event.ts";
import { createSoftlockup } from "./softlockup/event.ts";
import { createTcpRetransmit } from "./tcp_retransmit/event.ts";

export function registerEvents(): void {
  registerEventTracing("blind", createBlind);
  registerEventTracing("bonding_lacp", createBondingLacp);
  registerEventTracing("coverage", createCoverage);
  registerEventTracing("dropwatch", createDropwatch);
  registerEventTracing("hungtask", createHungtask);
  registerEventTracing("memreclaim", createMemreclaim);
  registerEventTracing("net_rx_latency", createNetRxLatency);
  registerEventTracing("netdev_link", createNetdevLink);
  registerEventTracing("netdev_txqueue_timeout", createNetdevTxqueueTimeout);
  registerEventTracing("oom", createOom);
  registerEventTracing("ras", createRas);
  registerEventTracing("sched_tick", createSchedTick);
  registerEventTracing("softirq", createSoftirq);
  registerEventTracing("softlockup", createSoftlockup);
  registerEventTracing("tcp_retransmit", createTcpRetransmit);
}
