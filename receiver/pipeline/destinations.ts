/** Which remote places the configuration names for log records. */
import { createHash } from "node:crypto";
import { CodedError } from "#exporters/coded-error.ts";
import type { Destination } from "#exporters/contract.ts";
import { registeredExporters } from "../exporter-registry.ts";
import { hideSecrets } from "./hide-secrets.ts";
import type { BatchConfig, ExporterConfig, LogProcessorConfig } from "#otel-config/config.ts";

export interface ConfiguredDestination {
  readonly destination: Destination;
  readonly batch: BatchConfig;
  /** As earlier versions named it, but for a number behind it where several had one host. */
  readonly formerName: string;
  readonly onRefusal: "wait" | "drop";
}

/** The console is no destination: it is written to directly, and never catches up from the local log. Throws `DESTINATION_NAME_TAKEN`. */
export async function createDestinations(
  processors: readonly LogProcessorConfig[],
): Promise<ConfiguredDestination[]> {
  const names = new Set<string>();
  const destinations: ConfiguredDestination[] = [];
  for (const { exporter, ...batch } of processors) {
    const logs = registeredExporters().find(({ name }) => name === exporter.name)?.logs;
    if (logs?.create === undefined) continue;
    const name = chooseName(exporter, names);
    // The settings were read by the exporter's own declaration.
    const created = await logs.create({ ...exporter.settings, name } as never);
    const destination = hideSecrets(created, logs, exporter.settings);
    const formerName = `${exporter.name}/${logs.findHost?.(exporter.settings as never) ?? ""}`;
    destinations.push({ destination, batch, formerName, onRefusal: readOnRefusal(exporter) });
  }
  return destinations;
}

/** Of the shared settings of destinations; an exporter need not declare them. */
function readOnRefusal({ settings }: ExporterConfig): "wait" | "drop" {
  return settings["onRefusal"] === "drop" ? "drop" : "wait";
}

const LONGEST_NAME = 120;

/** A destination's name is also that of its cursor, so it must not depend on the other destinations of the file. */
function chooseName({ name: kind, settings }: ExporterConfig, names: Set<string>): string {
  const logs = registeredExporters().find(({ name }) => name === kind)?.logs;
  const given = settings["name"];
  const place = logs?.findPlace?.(settings as never) ?? logs?.findHost?.(settings as never) ?? "";
  const name = typeof given === "string" ? given : shorten(`${kind}/${place}`);
  if (names.has(name))
    throw new CodedError(
      "DESTINATION_NAME_TAKEN",
      `two destinations of log records are named ${name}; give one of them a \`name\` of its own at its exporter`,
    );
  names.add(name);
  return name;
}

/** It labels metrics, and stays the name of this one place. */
function shorten(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${name.slice(0, LONGEST_NAME - digest.length - 1)}~${digest}`;
}
