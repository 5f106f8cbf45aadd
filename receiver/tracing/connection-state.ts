/**
 * TCP states of the kernel (include/net/tcp_states.h, by value) in the words of the semantic conventions for
 * `network.connection.state`. The kernel's NEW_SYN_RECV is a SYN_RECV that has no full socket yet.
 */
export const connectionStates: readonly (string | undefined)[] = [
  undefined,
  "established",
  "syn_sent",
  "syn_received",
  "fin_wait_1",
  "fin_wait_2",
  "time_wait",
  "closed",
  "close_wait",
  "last_ack",
  "listen",
  "closing",
  "syn_received",
];
