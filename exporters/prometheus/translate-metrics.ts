/** Collected metrics under the names and labels that Prometheus is to see. Nothing handed in is changed. */
import type { Attributes } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { DataPointType, type MetricData, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { composeMetricName } from "./unit-suffix.ts";

export function translateMetrics({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics {
  return {
    resource: translateResource(resource),
    scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map(translateMetric),
    })),
  };
}

function translateMetric(metric: MetricData): MetricData {
  const { name, unit } = metric.descriptor;
  return {
    ...metric,
    // The unit went into the name; as a comment of its own it has no place in the text format.
    descriptor: { ...metric.descriptor, name: composeMetricName(name, unit, readType(metric)), unit: "" },
    dataPoints: metric.dataPoints.map(translatePoint),
  } as MetricData;
}

function readType(metric: MetricData): "counter" | "gauge" | "histogram" {
  if (metric.dataPointType === DataPointType.GAUGE) return "gauge";
  if (metric.dataPointType === DataPointType.SUM) return metric.isMonotonic ? "counter" : "gauge";
  return "histogram";
}

function translatePoint<Point extends { readonly attributes: Attributes }>(point: Point): Point {
  const attributes = mergeCollidingLabels(point.attributes);
  return attributes === point.attributes ? point : { ...point, attributes };
}

// `target_info` shows the resource, and OTel's serializer asks it for nothing but its attributes.
function translateResource(resource: Resource): Resource {
  const attributes = mergeCollidingLabels(resource.attributes);
  return attributes === resource.attributes ? resource : ({ attributes } as Resource);
}

/**
 * Attributes whose keys become one label (`a.b` and `a_b`) have their values joined by `;`, in the order of their
 * keys. The same object comes back where nothing collides.
 */
export function mergeCollidingLabels(attributes: Attributes): Attributes {
  const keysByLabel = new Map<string, string[]>();
  for (const key of Object.keys(attributes)) {
    const label = toLabel(key);
    const keys = keysByLabel.get(label);
    if (keys) keys.push(key);
    else keysByLabel.set(label, [key]);
  }
  const isClean = keysByLabel.size === Object.keys(attributes).length;
  if (isClean && !Object.keys(attributes).some((key) => /^\d/.test(key))) return attributes;
  const merged: Attributes = {};
  for (const [label, keys] of keysByLabel) {
    const [only = ""] = keys;
    const values = keys.sort().map((key) => attributes[key]);
    if (keys.length > 1) merged[label] = values.map(toText).join(";");
    else merged[/^\d/.test(only) ? label : only] = values[0];
  }
  return merged;
}

function toLabel(key: string): string {
  const label = key.replaceAll(/[^a-zA-Z0-9_]/g, "_").replaceAll(/_{2,}/g, "_");
  return /^\d/.test(label) ? `key_${label}` : label;
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
