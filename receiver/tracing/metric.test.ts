import assert from "node:assert/strict";
import { test } from "node:test";
import { ValueType } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { emptyResource } from "@opentelemetry/resources";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import type { MetricDefinition } from "./contract.ts";
import { gauge, histogram, sum } from "./metric.ts";

const startTime = new Date(1_700_000_000_250);
const drops: MetricDefinition<{ readonly reason: string }> = {
  name: "kerntel.sample.drops",
  unit: "{packet}",
  description: "Drops.",
  instrument: "counter",
};
const size: MetricDefinition<Record<string, never>> = {
  name: "kerntel.sample.size",
  unit: "By",
  description: "Size.",
  instrument: "gauge",
};
const duration: MetricDefinition<Record<string, never>> = {
  name: "kerntel.sample.duration",
  unit: "s",
  description: "Durations.",
  instrument: "histogram",
};

test("a sum is cumulative since its start, and monotonic for a counter only", () => {
  const metric = sum(drops, [{ attributes: { reason: "NO_SOCKET" }, value: 7 }], startTime);
  assert.ok(metric.dataPointType === DataPointType.SUM);
  assert.equal(metric.aggregationTemporality, AggregationTemporality.CUMULATIVE);
  assert.equal(metric.isMonotonic, true);
  assert.equal(metric.descriptor.valueType, ValueType.INT);
  const [point] = metric.dataPoints;
  assert.deepEqual(point?.startTime, [1_700_000_000, 250_000_000]);
  assert.deepEqual([point?.attributes, point?.value], [{ reason: "NO_SOCKET" }, 7]);
  const state = sum({ ...drops, instrument: "updowncounter" }, [], startTime);
  assert.ok(state.dataPointType === DataPointType.SUM && !state.isMonotonic);
});

test("points of the same attributes are one series", () => {
  const [udp, tcp] = [{ reason: "UDP" }, { reason: "TCP" }];
  const total = sum(
    drops,
    [
      { attributes: udp, value: 1 },
      { attributes: tcp, value: 2 },
      { attributes: { ...udp }, value: 4 },
    ],
    startTime,
  );
  assert.deepEqual(
    total.dataPoints.map(({ attributes, value }) => [attributes, value]),
    [
      [udp, 5],
      [tcp, 2],
    ],
  );
  const now = gauge(size, [
    { attributes: {}, value: 1 },
    { attributes: {}, value: 4 },
  ]);
  assert.deepEqual(
    now.dataPoints.map(({ value }) => value),
    [4],
  );
});

test("a start is frozen, and goes back once with a clock that was set to before it", (context) => {
  const start = new Date(1_700_000_000_000);
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_060_000 });
  const observe = (): unknown[] => {
    const value = { boundaries: [], counts: [1], sum: 1 };
    const points = [
      ...sum(drops, [{ attributes: { reason: "NO_SOCKET" }, value: 1 }], start).dataPoints,
      ...histogram(duration, [{ attributes: {}, value }], start).dataPoints,
    ];
    return points.map(({ startTime: [started], endTime: [ended] }) => [started, ended]);
  };
  const steps = [
    // What the clock shows, and what the start is from then on.
    [1_700_000_060, 1_700_000_000],
    [1_700_003_660, 1_700_000_000],
    [1_700_000_030, 1_700_000_000],
    [1_699_990_000, 1_699_990_000],
    [1_699_990_010, 1_699_990_000],
    [1_700_000_120, 1_699_990_000],
  ] as const;
  for (const [shown, startedAt] of steps) {
    context.mock.timers.setTime(shown * 1_000);
    assert.deepEqual(observe(), [
      [startedAt, shown],
      [startedAt, shown],
    ]);
  }
});

test("a histogram counts what its buckets hold and is a double", () => {
  const value = { boundaries: [0.001, 0.01], counts: [4, 2, 1], sum: 0.25 };
  const metric = histogram(duration, [{ attributes: {}, value }], startTime);
  assert.ok(metric.dataPointType === DataPointType.HISTOGRAM);
  assert.equal(metric.descriptor.valueType, ValueType.DOUBLE);
  assert.deepEqual(metric.dataPoints[0]?.value, {
    buckets: { boundaries: [0.001, 0.01], counts: [4, 2, 1] },
    count: 7,
    sum: 0.25,
  });
});

test("a wrong instrument or a wrong number of buckets is refused by the metric's name", () => {
  assert.throws(() => sum(duration, [], startTime), {
    message: "kerntel.sample.duration is a histogram, not a counter or updowncounter",
  });
  assert.throws(() => gauge(drops, []), /kerntel\.sample\.drops is a counter, not a gauge/);
  assert.throws(() => histogram(size, [], startTime), /is a gauge, not a histogram/);
  const value = { boundaries: [1], counts: [1], sum: 1 };
  assert.throws(
    () => histogram(duration, [{ attributes: {}, value }], startTime),
    /1 counts for 1 boundaries/,
  );
});

test("the Prometheus exporter understands all of them", () => {
  const value = { boundaries: [0.5], counts: [1, 2], sum: 3 };
  const metrics = [
    sum(drops, [{ attributes: { reason: "NO_SOCKET" }, value: 7 }], startTime),
    gauge(size, [{ attributes: {}, value: 5 }]),
    histogram(duration, [{ attributes: {}, value }], startTime),
  ];
  const scopeMetrics = [{ scope: { name: "kerntel" }, metrics }];
  const page = new PrometheusSerializer().serialize({ resource: emptyResource(), scopeMetrics });
  assert.match(page, /kerntel_sample_drops_total\{reason="NO_SOCKET".*\} 7/);
  assert.match(page, /kerntel_sample_size\{.*\} 5/);
  assert.match(page, /kerntel_sample_duration_bucket\{.*le="\+Inf"\} 3/);
});

test("a point with a label that the metric does not have does not compile", () => {
  // @ts-expect-error: `colour` is not an attribute of this metric.
  const metric = sum(drops, [{ attributes: { colour: "red" }, value: 1 }], startTime);
  assert.equal(metric.dataPoints.length, 1);
});
