import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusLabel, prometheusName } from "./prometheus-name.ts";

test("metrics are named as the specification for Prometheus wants", () => {
  const cases = [
    ["kerntel.oom.kills", "{process}", "counter", "kerntel_oom_kills_total"],
    ["kerntel.softirq.duration", "s", "histogram", "kerntel_softirq_duration_seconds"],
    ["kerntel.local_log.size", "By", "updowncounter", "kerntel_local_log_size_bytes"],
    ["kerntel.bpf.time", "s", "counter", "kerntel_bpf_time_seconds_total"],
    ["kerntel.queue.utilization", "1", "gauge", "kerntel_queue_utilization_ratio"],
    ["kerntel.things", "1", "counter", "kerntel_things_total"],
    ["kerntel.rate", "By/s", "gauge", "kerntel_rate_bytes_per_second"],
    ["kerntel.rate", "{packet}/s", "gauge", "kerntel_rate_per_second"],
    ["kerntel.size.bytes", "By", "gauge", "kerntel_size_bytes"],
    ["kerntel.total.kills", "{process}", "counter", "kerntel_kills_total"],
    ["kerntel-odd  name", "", "gauge", "kerntel_odd_name"],
  ] as const;
  for (const [name, unit, instrument, expected] of cases)
    assert.equal(prometheusName({ name, unit, instrument }), expected);
});

test("labels have no dots", () => {
  assert.equal(prometheusLabel("network.io.direction"), "network_io_direction");
});
