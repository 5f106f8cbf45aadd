/** What no schema can say: settings that contradict each other, and settings that are probably not what was meant. */
import { findDoubleKeys } from "./elasticsearch-section.ts";
import type { EventSchemas } from "./config.ts";
import type { MetricReaderSection } from "./metric-readers.ts";
import type { LocalLogSection, LogProcessorSection } from "./log-processors.ts";
import type { Problem } from "./problems.ts";
import type { ConfigSections } from "./sections.ts";

/** Works on whatever the file has, also where the schema has found it wrong. */
export function findContradictions(sections: unknown): Problem[] {
  const processors = listOf<LogProcessorSection>(sections, "logger_provider", "processors");
  const readers = listOf<MetricReaderSection>(sections, "meter_provider", "readers");
  return [
    ...findLocalLogTwice(processors, sections),
    ...findElasticsearchTwice(processors),
    ...findPortTwice(readers),
  ];
}

/** What events say of values that have the right type. */
export function findWrongValues(sections: unknown, events: EventSchemas): Problem[] {
  return Object.entries(events).flatMap(([name, keys]) =>
    Object.entries(keys).flatMap(([key, { type, findProblem }]) => {
      const path = ["distribution", "kerntel", "events", name, key];
      const value = dig(sections, ...path);
      const problem = typeof value === type ? findProblem?.(value as never) : undefined;
      return problem === undefined ? [] : [{ path, problem }];
    }),
  );
}

export function findDoubts(sections: ConfigSections): Problem[] {
  const unused = ["propagator", "tracer_provider", "instrumentation/development"] as const;
  return [
    ...unused
      .filter((key) => key in sections)
      .map((key) => ({ path: [key], problem: "not used: Kerntel sends log records and metrics only" })),
    ...Object.keys(sections.distribution ?? {})
      .filter((name) => name !== "kerntel")
      .map((name) => ({
        path: ["distribution", name],
        problem: "not used: the settings of another distribution",
      })),
    ...findEndpointsWithoutPath(sections),
  ];
}

function findLocalLogTwice(processors: readonly LogProcessorSection[], sections: unknown): Problem[] {
  const places = processors.flatMap((processor, index) => {
    const exporter = dig(processor, "batch", "exporter") as { pouchdb?: LocalLogSection | null } | undefined;
    if (!isObject(exporter) || !("pouchdb" in exporter)) return [];
    return [{ path: ["logger_provider", "processors", index, "batch", "exporter", "pouchdb"], ...exporter }];
  });
  const own = dig(sections, "distribution", "kerntel", "local_log");
  const keys = Object.keys(isObject(own) ? own : {}).filter(
    (key) => isObject(places[0]?.pouchdb) && key in places[0].pouchdb,
  );
  return [
    ...places
      .slice(1)
      .map(({ path }) => ({ path, problem: "pouchdb is here a second time; there is one local log" })),
    ...keys.map((key) => ({
      path: ["distribution", "kerntel", "local_log", key],
      problem: "also set at the pouchdb exporter; set it in one of both places",
    })),
  ];
}

function findElasticsearchTwice(processors: readonly LogProcessorSection[]): Problem[] {
  return processors.flatMap((processor, index) => {
    const section = dig(processor, "batch", "exporter", "elasticsearch");
    const path = ["logger_provider", "processors", index, "batch", "exporter", "elasticsearch"];
    return isObject(section) ? findDoubleKeys(section, path) : [];
  });
}

function findPortTwice(readers: readonly MetricReaderSection[]): Problem[] {
  const taken = new Set<number>();
  return readers.flatMap((reader, index) => {
    const exporter = dig(reader, "pull", "exporter");
    if (!isObject(exporter) || !("prometheus/development" in exporter)) return [];
    const port = Number(dig(exporter, "prometheus/development", "port") ?? 9464);
    const again = port > 0 && taken.has(port);
    taken.add(port);
    const path = ["meter_provider", "readers", index, "pull", "exporter", "prometheus/development"];
    return again ? [{ path, problem: `port ${port} is used by a reader above` }] : [];
  });
}

/** OTLP endpoints in the file are full URLs; without a path most receivers answer 404. */
function findEndpointsWithoutPath(sections: ConfigSections): Problem[] {
  const components = [
    ...listOf(sections, "logger_provider", "processors").map((item, index) => ({
      item,
      signal: "logs",
      path: ["logger_provider", "processors", index],
    })),
    ...listOf(sections, "meter_provider", "readers").map((item, index) => ({
      item,
      signal: "metrics",
      path: ["meter_provider", "readers", index],
    })),
  ];
  return components.flatMap(({ item, signal, path }) => {
    const below = [Object.keys(item as object)[0] ?? "", "exporter", "otlp_http", "endpoint"];
    const endpoint = dig(item, ...below);
    if (typeof endpoint !== "string" || new URL(endpoint).pathname !== "/") return [];
    const problem = `has no path and is used as it is; most receivers want /v1/${signal} at its end`;
    return [{ path: [...path, ...below], problem }];
  });
}

function listOf<Item = unknown>(value: unknown, ...path: string[]): Item[] {
  const found = dig(value, ...path);
  return Array.isArray(found) ? (found as Item[]) : [];
}

function dig(value: unknown, ...path: string[]): unknown {
  return path.reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
