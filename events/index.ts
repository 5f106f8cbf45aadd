/** The list of events: one line each. */
import { registerEventTracing } from "#receiver/tracing/registry.ts";
import { createDropwatch } from "./dropwatch/event.ts";
import { createHungtask } from "./hungtask/event.ts";
import { createMemreclaim } from "./memreclaim/event.ts";
import { createNetdevLink } from "./netdev_link/event.ts";
import { createOom } from "./oom/event.ts";
import { createSoftirq } from "./softirq/event.ts";
import { createTcpRetransmit } from "./tcp_retransmit/event.ts";

export function registerEvents(): void {
  registerEventTracing("dropwatch", createDropwatch);
  registerEventTracing("hungtask", createHungtask);
  registerEventTracing("memreclaim", createMemreclaim);
  registerEventTracing("netdev_link", createNetdevLink);
  registerEventTracing("oom", createOom);
  registerEventTracing("softirq", createSoftirq);
  registerEventTracing("tcp_retransmit", createTcpRetransmit);
}
