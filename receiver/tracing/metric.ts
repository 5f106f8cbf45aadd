/** Metric data from counts that are kept elsewhere: in a kernel map, or in the books of the framework. */
import { ValueType } from "@opentelemetry/api";
import type { Attributes } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import type { DataPoint, MetricData, MetricDescriptor } from "@opentelemetry/sdk-metrics";

/** Name, unit and help of one metric; written by the generator from `telemetry.yaml`. */
export interface MetricDefinition<MetricAttributes extends object> {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly instrument: "counter" | "updowncounter" | "gauge" | "histogram";
  /** Only in the type: which attributes a point of this metric carries. */
  readonly attributes?: MetricAttributes;
}

export interface MetricPoint<MetricAttributes extends object, Value = number> {
  readonly attributes: MetricAttributes;
  readonly value: Value;
}

export interface HistogramValue {
  /** Ascending inclusive upper bounds, in the unit of the metric. */
  readonly boundaries: readonly number[];
  /** One entry more than `boundaries`: the last is for what lies above all of them. */
  readonly counts: readonly number[];
  /** Of all measured values, in the unit of the metric. */
  readonly sum: number;
}

/** Totals since `startTime` of a counter or an up-down counter. */
export function sum<MetricAttributes extends object>(
  definition: MetricDefinition<MetricAttributes>,
  points: Iterable<MetricPoint<NoInfer<MetricAttributes>>>,
  startTime: Date,
): MetricData {
  requireInstrument(definition, ["counter", "updowncounter"]);
  return {
    ...describe(definition),
    dataPointType: DataPointType.SUM,
    isMonotonic: definition.instrument === "counter",
    dataPoints: makePoints(
      unite(points, (before, value) => before + value),
      startTime,
      (value) => value,
    ),
  };
}

/** Current values of a gauge. */
export function gauge<MetricAttributes extends object>(
  definition: MetricDefinition<MetricAttributes>,
  points: Iterable<MetricPoint<NoInfer<MetricAttributes>>>,
): MetricData {
  requireInstrument(definition, ["gauge"]);
  return {
    ...describe(definition),
    dataPointType: DataPointType.GAUGE,
    dataPoints: makePoints(
      unite(points, (_, value) => value),
      new Date(),
      (value) => value,
    ),
  };
}

/** Distributions since `startTime`. */
export function histogram<MetricAttributes extends object>(
  definition: MetricDefinition<MetricAttributes>,
  points: Iterable<MetricPoint<NoInfer<MetricAttributes>, HistogramValue>>,
  startTime: Date,
): MetricData {
  requireInstrument(definition, ["histogram"]);
  return {
    ...describe(definition),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: makePoints(points, startTime, (value) => {
      const { boundaries, counts, sum: total } = value;
      if (counts.length !== boundaries.length + 1)
        throw new RangeError(
          `${definition.name}: ${counts.length} counts for ${boundaries.length} boundaries`,
        );
      return {
        buckets: { boundaries: [...boundaries], counts: [...counts] },
        count: counts.reduce((all, count) => all + count, 0),
        sum: total,
      };
    }),
  };
}

function requireInstrument(
  { name, instrument }: MetricDefinition<object>,
  allowed: readonly MetricDefinition<object>["instrument"][],
): void {
  if (!allowed.includes(instrument))
    throw new TypeError(`${name} is a ${instrument}, not a ${allowed.join(" or ")}`);
}

function describe({ name, description, unit }: MetricDefinition<object>): {
  descriptor: MetricDescriptor;
  aggregationTemporality: AggregationTemporality;
} {
  // By the unit and not by the values: a series must not change its type when a value happens to be whole.
  const isCounted = unit === "By" || /^\{[^}]*\}$/.test(unit);
  const valueType = isCounted ? ValueType.INT : ValueType.DOUBLE;
  return {
    descriptor: { name, description, unit, valueType },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

/** Points of the same attributes are one series: a scrape that has one twice is refused as a whole. */
function unite(
  points: Iterable<MetricPoint<object>>,
  combine: (before: number, value: number) => number,
): Iterable<MetricPoint<object>> {
  const united = new Map<string, MetricPoint<object>>();
  for (const point of points) {
    const key = JSON.stringify(point.attributes);
    const before = united.get(key);
    united.set(key, before === undefined ? point : { ...point, value: combine(before.value, point.value) });
  }
  return united.values();
}

/**
 * Where the wall clock was set to before a start, and points were made: from then on that is when counting began.
 * By the object, so that whatever is counted from one moment keeps one start.
 */
const earlierStarts = new WeakMap<Date, number>();

/**
 * A start stays what it was at first, through all steps of the wall clock, because consumers take another start for
 * counting anew. OTLP forbids a start later than its point, so a clock that was set to before the start takes it
 * along, once: it stays there when the clock is put right again (opentelemetry-specification, metrics/data-model.md,
 * "Temporality" and "Resets and Gaps").
 */
function startNotAfter(start: Date, endMs: number): number {
  const startMs = earlierStarts.get(start) ?? start.getTime();
  if (startMs <= endMs) return startMs;
  earlierStarts.set(start, endMs);
  return endMs;
}

function makePoints<Given, Value>(
  points: Iterable<MetricPoint<object, Given>>,
  start: Date,
  convert: (value: Given) => Value,
): DataPoint<Value>[] {
  const endMs = Date.now();
  const startTime = millisToHrTime(startNotAfter(start, endMs));
  const endTime = millisToHrTime(endMs);
  return Array.from(points, ({ attributes, value }) => ({
    startTime,
    endTime,
    attributes: attributes as Attributes,
    value: convert(value),
  }));
}
