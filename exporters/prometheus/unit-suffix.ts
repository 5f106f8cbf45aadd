/** Unit suffixes of metric names, as "Prometheus and OpenMetrics Compatibility" of the OTel specification wants them. */

/** UCUM codes and the words Prometheus uses. */
const UNITS: Readonly<Record<string, string>> = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  TiBy: "tebibytes",
  KBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  TBy: "terabytes",
  m: "meters",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  g: "grams",
  Cel: "celsius",
  Hz: "hertz",
  "%": "percent",
};

const PER_UNITS: Readonly<Record<string, string>> = {
  s: "second",
  min: "minute",
  m: "minute",
  h: "hour",
  d: "day",
  wk: "week",
  w: "week",
  mo: "month",
  a: "year",
  y: "year",
};

/** The word for a unit: `""` where the name needs none, as for `{packet}` and, outside gauges, for `1`. */
function translateUnit(unit: string, isGauge: boolean): string {
  const plain = unit.replaceAll(/\{[^}]*\}/g, "").trim();
  if (plain === "1") return isGauge ? "ratio" : "";
  const [main = "", ...rest] = plain.split("/");
  const per = rest.join("/");
  const word = UNITS[main] ?? sanitize(main);
  const perWord = PER_UNITS[per] ?? sanitize(per);
  return [word === "1" ? "" : word, perWord && `per_${perWord}`].filter(Boolean).join("_");
}

/** `name` with its unit, and `_total` where it is a counter; nothing is said twice. */
export function composeMetricName(
  name: string,
  unit: string,
  type: "counter" | "gauge" | "histogram",
): string {
  let composed = sanitize(name);
  if (type === "counter") composed = composed.replace(/_total$/, "");
  const suffix = translateUnit(unit, type === "gauge");
  if (suffix && composed !== suffix && !composed.endsWith(`_${suffix}`)) composed += `_${suffix}`;
  if (/^\d/.test(composed)) composed = `_${composed}`;
  return type === "counter" ? `${composed}_total` : composed;
}

function sanitize(text: string): string {
  return text
    .replaceAll(/[^a-zA-Z0-9_]+/g, "_")
    .replaceAll(/_{2,}/g, "_")
    .replaceAll(/^_|_$/g, "");
}
