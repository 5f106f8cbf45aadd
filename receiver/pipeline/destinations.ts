/** Which remote places the configuration names for log records. */
import type { Destination } from "#exporters/contract.ts";
import { exporters } from "#exporters/index.ts";
import { hideSecrets } from "./hide-secrets.ts";
import type { BatchConfig, ExporterConfig, LogProcessorConfig } from "#otel-config/config.ts";

export interface ConfiguredDestination {
  readonly destination: Destination;
  readonly batch: BatchConfig;
  readonly onRefusal: "wait" | "drop";
}

/** The console is no destination: it is written to directly, and never catches up from the local log. */
export async function createDestinations(
  processors: readonly LogProcessorConfig[],
): Promise<ConfiguredDestination[]> {
  const names = new Set<string>();
  const destinations: ConfiguredDestination[] = [];
  for (const { exporter, ...batch } of processors) {
    const destination = await createDestination(exporter, names);
    if (destination !== undefined)
      destinations.push({ destination, batch, onRefusal: readOnRefusal(exporter) });
  }
  return destinations;
}

/** Of the shared settings of destinations; an exporter need not declare them. */
function readOnRefusal({ settings }: ExporterConfig): "wait" | "drop" {
  return settings["onRefusal"] === "drop" ? "drop" : "wait";
}

/** Undefined where the receiver writes to the exporter directly. */
async function createDestination(
  { name, settings }: ExporterConfig,
  names: Set<string>,
): Promise<Destination | undefined> {
  const logs = exporters.find((exporter) => exporter.name === name)?.logs;
  // The settings were read by the exporter's own declaration.
  const host = logs?.findHost?.(settings as never) ?? "";
  const destination = await logs?.create?.({
    ...settings,
    name: chooseName(`${name}/${host}`, names),
  } as never);
  return destination && logs && hideSecrets(destination, logs, settings);
}

/** A destination's name is also that of its cursor, so it must be the same at the next start. */
function chooseName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number++) name = `${wanted}/${number}`;
  names.add(name);
  return name;
}
