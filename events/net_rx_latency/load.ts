/** Loads the kernel half with the best hooks for UDP that this kernel takes. */
import { CLOCK_PROGRAM } from "#receiver/tracing/tick-period.ts";
import type { EventBpf, EventBpfOptions, LoadedEvent, TracingContext } from "#receiver/tracing/contract.ts";

const programs = ["to_stack", "tcp_to_transport", "tcp_to_user"];

type Loading = Pick<EventBpfOptions, "constants" | "settings">;

export function loadLatency({ bpf, log }: TracingContext, loading: Loading): LoadedEvent {
  const options = {
    ...loading,
    object: new URL("net_rx_latency.bpf.o", import.meta.url),
    unattachedPrograms: [CLOCK_PROGRAM],
    countMaps: ["stages"],
  };
  try {
    return bpf.load({ ...options, programs: [...programs, "udp_to_transport", "udp_to_user"] });
  } catch {
    // Functions of this kernel cannot be hooked; what is wrong beside that, the next attempt says.
    return loadWithTracepoints(bpf, log, options);
  }
}

function loadWithTracepoints(
  bpf: EventBpf,
  log: TracingContext["log"],
  options: Omit<EventBpfOptions, "programs">,
): LoadedEvent {
  const isQueueTold = bpf.hasTracepoint("sk_data_ready", 1);
  const isReadTold = isQueueTold && bpf.hasTracepoint("sock_recv_length", 3);
  if (!isQueueTold) log.info("datagrams are not measured on the way to their socket");
  if (!isReadTold) log.info("datagrams are not measured on the way to their reader");
  return bpf.load({
    ...options,
    programs: [
      ...programs,
      ...(isQueueTold ? ["udp_data_ready"] : []),
      ...(isReadTold ? ["udp_was_read"] : []),
    ],
  });
}
