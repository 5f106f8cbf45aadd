/** What every live test holds the program to. */
import assert from "node:assert/strict";
import { readBootId } from "#exporters/boot-id.ts";
import { findUndeclared } from "#receiver/telemetry/declared.ts";
import { readClocks } from "bpf-loader-napi";
import { declaredNames } from "./declared-names.ts";
import type { EventLine, RunningKerntel, StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const parts = [
  "filtered",
  "aggregated",
  "suppressed",
  "ring_lost",
  "missed",
  "undecodable",
  "refused",
  "stored",
];

/** Waits until nothing is in flight, then asserts that everything seen is accounted for. Returns the books. */
export async function assertBooksClose(kerntel: RunningKerntel, event: string): Promise<EventLine> {
  let latest: EventLine | undefined;
  try {
    return await waitUntil(`the books of ${event} to close`, async () => {
      latest = (await kerntel.reports()).get(event);
      const settled = parts.reduce((total, part) => total + Number(latest?.[part]), 0);
      return latest !== undefined && Number(latest["seen"]) === settled ? latest : undefined;
    });
  } catch (cause) {
    throw new assert.AssertionError({
      message: `seen is not the sum of the rest: ${JSON.stringify(latest)}`,
      operator: String(cause),
    });
  }
}

/**
 * No attribute, event or resource name leaves the process that telemetry.yaml does not declare, and every log record
 * has the moment since boot at which it happened.
 */
export function assertDeclared(lines: readonly StoredLine[]): void {
  assert.ok(lines.length > 0);
  const logRecords = lines.map(({ event, attributes, resource }) => ({
    eventName: event,
    attributes,
    resource,
  }));
  assert.deepEqual(findUndeclared(declaredNames(), { logRecords }), []);
  const uptimeSeconds = Number(readClocks().boottimeNs) / 1e9;
  for (const { event, attributes } of lines) {
    assert.equal(attributes["kerntel.boot.id"], readBootId(), event);
    const bootTime = attributes["kerntel.boot.time"];
    assert.ok(
      typeof bootTime === "number" && bootTime > 0 && bootTime <= uptimeSeconds,
      `${event} ${String(bootTime)} s after boot, of ${uptimeSeconds}`,
    );
  }
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Keyed[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

interface Keyed {
  readonly key: string;
}

interface Metric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly { readonly attributes: readonly Keyed[] }[] };
}

/** The same for an OTLP export of metrics, as JSON. */
export function assertMetricsDeclared(body: object): void {
  const { resourceMetrics } = body as MetricsRequest;
  const metrics = resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .map(({ name, sum }) => ({
      name,
      points: (sum?.dataPoints ?? []).map(({ attributes }) => byKey(attributes)),
    }));
  const resources = resourceMetrics.map(({ resource }) => byKey(resource.attributes));
  assert.ok(metrics.length >= 3 && metrics.some(({ points }) => points.length > 0));
  assert.deepEqual(findUndeclared(declaredNames(), { metrics, resources }), []);
}

function byKey(attributes: readonly Keyed[]): object {
  return Object.fromEntries(attributes.map(({ key }) => [key, true]));
}
