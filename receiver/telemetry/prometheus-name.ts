/** Names of metrics as Prometheus shows them: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility". */
import type { MetricDescription } from "./definition.ts";

const units: Readonly<Record<string, string>> = {
  s: "seconds",
  By: "bytes",
  Hz: "hertz",
  Cel: "celsius",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  m: "meters",
  g: "grams",
  "%": "percent",
};

const perUnits: Readonly<Record<string, string>> = { s: "second", m: "minute", h: "hour", d: "day" };

/** `kerntel.oom.kills`, a counter of `{process}`, is `kerntel_oom_kills_total`. */
export function prometheusName(metric: Pick<MetricDescription, "name" | "unit" | "instrument">): string {
  const words = metric.name.replace(/[^a-zA-Z0-9:]+/g, "_").split("_");
  const suffix = unitSuffix(metric.unit, metric.instrument === "gauge");
  const withUnit = suffix === "" || words.join("_").endsWith(suffix) ? words : [...words, suffix];
  const isCounter = metric.instrument === "counter";
  return [...withUnit.filter((word) => !isCounter || word !== "total"), ...(isCounter ? ["total"] : [])].join(
    "_",
  );
}

/** `reason`, `kerntel.attribution`: other characters than letters, digits and `_` become `_`. */
export function prometheusLabel(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}

function unitSuffix(unit: string, isGauge: boolean): string {
  if (unit === "1") return isGauge ? "ratio" : "";
  const [counted = "", per] = unit.replace(/\{[^}]*\}/g, "").split("/");
  const first = units[counted] ?? counted;
  const second = per === undefined || per === "" ? "" : `per_${perUnits[per] ?? per}`;
  return [first, second].filter((part) => part !== "").join("_");
}
