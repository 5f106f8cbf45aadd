/** Which exporters there are: those of the tree, and those that plug-ins add. */
import type { ExporterProvider } from "#exporters/exporter-provider.ts";
import { exporters } from "#exporters/index.ts";

const registered: ExporterProvider[] = [...exporters];

/** Throws where the name is taken. */
export function registerExporter(provider: ExporterProvider): void {
  if (registered.some(({ name }) => name === provider.name))
    throw new Error(`the exporter "${provider.name}" is registered twice`);
  registered.push(provider);
}

export function registeredExporters(): readonly ExporterProvider[] {
  return registered;
}
