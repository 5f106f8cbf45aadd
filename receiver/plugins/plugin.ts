/**
 * What a plug-in is: a module outside of this tree whose default export lists events and exporters by the same
 * declarations as those of the tree. docs/plugins.md has the guide.
 */
import type { ExporterProvider } from "#exporters/exporter-provider.ts";
import type { EventFactory } from "../tracing/contract.ts";

/** Rises when a declaration that plug-ins use changes so that an older plug-in would misbehave. */
export const PLUGIN_API_VERSION = 1;

export interface Plugin {
  readonly apiVersion: typeof PLUGIN_API_VERSION;
  /** Factories by the name of their event, as `registerEventTracing` takes them. */
  readonly events?: Readonly<Record<string, EventFactory>>;
  readonly exporters?: readonly ExporterProvider[];
}

/** Why the default export of a module is no plug-in that this version can use; undefined where it is one. */
export function findPluginProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "its module has no default export that is an object";
  const { apiVersion, events = {}, exporters = [], ...rest } = value;
  if (apiVersion !== PLUGIN_API_VERSION)
    return `its \`apiVersion\` is not ${PLUGIN_API_VERSION}: build it with the sources of this version of Kerntel`;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) return `its default export has the unknown key \`${unknown}\``;
  return findEventProblem(events) ?? findExporterProblem(exporters);
}

const EVENT_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

function findEventProblem(events: unknown): string | undefined {
  if (!isObject(events)) return "its `events` is not an object of factories";
  for (const [name, factory] of Object.entries(events)) {
    if (!EVENT_NAME.test(name))
      return `its event "${name}" has a name that is not lower-case words joined by underscores`;
    if (typeof factory !== "function") return `its event "${name}" is not a factory`;
    const attr: unknown = factory();
    if (!isObject(attr) || !isObject(attr["tracingData"]) || !isObject(attr["event"]))
      return `the factory of its event "${name}" returns no \`EventTracingAttr\``;
    if (attr["event"]["name"] !== `kerntel.${name}`)
      return `its event "${name}" does not have the OpenTelemetry event name kerntel.${name}`;
  }
  return undefined;
}

function findExporterProblem(exporters: unknown): string | undefined {
  if (!Array.isArray(exporters)) return "its `exporters` is not a list";
  for (const exporter of exporters as unknown[]) {
    if (!isObject(exporter) || typeof exporter["name"] !== "string" || exporter["name"] === "")
      return "one of its exporters has no name";
    const { name, description, logs, metrics } = exporter;
    if (typeof description !== "string") return `its exporter "${name}" has no description`;
    const signals = [logs, metrics].filter((signal) => signal !== undefined);
    if (signals.length === 0 || !signals.every((signal) => isObject(signal) && isObject(signal["settings"])))
      return `its exporter "${name}" declares neither log records nor metrics with their settings`;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
