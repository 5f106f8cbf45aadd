/** The file after the schema has accepted it. */
import type { ContainersSection } from "./containers-section.ts";
import type { LocalLogSection, LogProcessorSection } from "./log-processors.ts";
import type { MetricReaderSection } from "./metric-readers.ts";
import type { ResourceSection } from "./resource-attributes.ts";

export interface ConfigSections {
  readonly disabled?: boolean | null;
  readonly log_level?: string | null;
  readonly resource?: ResourceSection;
  readonly logger_provider?: { readonly processors: readonly LogProcessorSection[] };
  readonly meter_provider?: { readonly readers: readonly MetricReaderSection[] };
  readonly distribution?: { readonly kerntel?: KerntelSection };
}

interface KerntelSection {
  readonly state_directory?: string | null;
  readonly local_log?: LocalLogSection | null;
  readonly containers?: ContainersSection | null;
  readonly events?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
}
