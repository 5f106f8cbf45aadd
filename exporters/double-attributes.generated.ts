// Generated from every telemetry.yaml: change the names there, then run "npm run generate".

/** A number of these is a double in OTLP and in documents, also where it is whole. */
export const doubleAttributes: ReadonlySet<string> = new Set([
  "kerntel.boot.time",
  "kerntel.duration",
  "kerntel.machine.pause.duration",
  "kerntel.sched_tick.steal",
  "kerntel.tcp_retransmit.drop.age",
  "kerntel.tcp_retransmit.round_trip",
  "kerntel.tcp_retransmit.timeout",
  "kerntel.threshold",
]);
