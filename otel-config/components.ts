/** Reads processors, readers and sources, each with the declaration of what it names. */
import type {
  BatchConfig,
  ContainersConfig,
  ExporterConfig,
  LocalLogConfig,
  LogProcessorConfig,
  MetricReaderConfig,
  SourceConfig,
} from "./config.ts";
import { withEnabled } from "./declaration.ts";
import type { DeclaredExporter, DeclaredLogExporter, Declarations, SettingGroup } from "./declaration.ts";
import { batchGroup, containersGroup, periodicGroup } from "./file-settings.ts";
import { readGroup } from "./read-group.ts";

/** One key, `batch` or `simple`, `pull` or `periodic`, and below it a choice of one exporter; the schema has checked both. */
export type ComponentSection = Readonly<Record<string, ComponentBody>>;
type ComponentBody = Readonly<Record<string, unknown>> & {
  readonly exporter: Readonly<Record<string, unknown>>;
};

type Section = Readonly<Record<string, unknown>> | null | undefined;

/** OTel's simple processor sends each record by itself as soon as it is there. */
const simpleBatch = { schedule_delay: 0, max_export_batch_size: 1 };

/** All but the local log, which is always there and only tuned by the file. */
export function readLogProcessors(
  sections: readonly ComponentSection[],
  exporters: readonly DeclaredExporter[],
): LogProcessorConfig[] {
  return sections.flatMap((section) => {
    const { kind, body, name } = splitSection(section);
    const logs = findExporter(exporters, name)?.logs;
    if (logs === undefined || logs.ownSection) return [];
    const exporter = { name, settings: readGroup(logs, body.exporter[name]) };
    return [{ ...readBatch(kind === "simple" ? simpleBatch : body, batchGroup), exporter }];
  });
}

/** Its own section and the exporter say the same thing; each key is given at most once. */
export function readLocalLog(
  sections: readonly ComponentSection[],
  exporters: readonly DeclaredExporter[],
  own: Section,
): LocalLogConfig {
  const { name, logs, ownSection } = findLocalLog(exporters);
  const body = sections.map(splitSection).find((section) => section.name === name)?.body;
  const tuned = withoutNull(body?.exporter[name] as Section);
  const section = { ...(own?.[ownSection.key] as Section), ...tuned };
  return {
    ...readBatch(body, withDefaults(batchGroup, ownSection.batchDefaults)),
    settings: readGroup(logs, section),
  };
}

function findLocalLog(exporters: readonly DeclaredExporter[]): {
  name: string;
  logs: DeclaredLogExporter;
  ownSection: NonNullable<DeclaredLogExporter["ownSection"]>;
} {
  for (const { name, logs } of exporters)
    if (logs?.ownSection) return { name, logs, ownSection: logs.ownSection };
  throw new Error("no exporter declares that it is the local log");
}

/** Where the file says nothing about metrics: the exporters that declare themselves for that. */
export function readMetricReaders(
  sections: readonly ComponentSection[] | undefined,
  exporters: readonly DeclaredExporter[],
): MetricReaderConfig[] {
  return (sections ?? defaultReaders(exporters)).flatMap((section) => {
    const { kind, body, name } = splitSection(section);
    const metrics = findExporter(exporters, name)?.metrics;
    if (metrics === undefined) return [];
    const exporter: ExporterConfig = { name, settings: readGroup(metrics, body.exporter[name]) };
    return [kind === "pull" ? { kind, exporter } : { kind: "periodic", ...readPeriod(body), exporter }];
  });
}

function defaultReaders(exporters: readonly DeclaredExporter[]): ComponentSection[] {
  return exporters
    .filter(({ metrics }) => metrics?.isDefault)
    .map(({ name, metrics }) => ({ [metrics?.readers[0] ?? ""]: { exporter: { [name]: null } } }));
}

export function readContainers(section: Section, sources: Declarations["sources"]): ContainersConfig {
  const own = readGroup(containersGroup, section) as Omit<ContainersConfig, "sources">;
  const read = sources.map((source) => [source.name, readGroup(withEnabled(source), section?.[source.name])]);
  return { ...own, sources: Object.fromEntries(read) as Readonly<Record<string, SourceConfig>> };
}

function splitSection(section: ComponentSection): { kind: string; body: ComponentBody; name: string } {
  const [kind = "", body = { exporter: {} }] = Object.entries(section)[0] ?? [];
  return { kind, body, name: Object.keys(body.exporter)[0] ?? "" };
}

function findExporter(exporters: readonly DeclaredExporter[], name: string): DeclaredExporter | undefined {
  return exporters.find((exporter) => exporter.name === name);
}

/** A batch never holds more than the queue: where only one of both is given, the other follows. */
function readBatch(body: Section, group: SettingGroup): BatchConfig {
  const batch = readGroup(group, body) as unknown as BatchConfig;
  const { maxQueueSize, maxExportBatchSize } = batch;
  if (maxExportBatchSize <= maxQueueSize) return batch;
  return isGiven(body?.["max_queue_size"])
    ? { ...batch, maxExportBatchSize: maxQueueSize }
    : { ...batch, maxQueueSize: maxExportBatchSize };
}

/** The SDK refuses a timeout above the interval. */
function readPeriod(body: Section): { intervalMs: number; timeoutMs: number } {
  const period = readGroup(periodicGroup, body) as { intervalMs: number; timeoutMs: number };
  const { intervalMs, timeoutMs } = period;
  if (timeoutMs <= intervalMs) return period;
  return isGiven(body?.["interval"])
    ? { intervalMs, timeoutMs: intervalMs }
    : { intervalMs: timeoutMs, timeoutMs };
}

/** The same settings with some other defaults. */
export function withDefaults(group: SettingGroup, defaults: Readonly<Record<string, number>>): SettingGroup {
  const settings = Object.entries(group.settings).map(([name, setting]) => [
    name,
    name in defaults ? { ...setting, default: defaults[name] } : setting,
  ]);
  return { ...group, settings: Object.fromEntries(settings) as SettingGroup["settings"] };
}

function withoutNull(section: Section): object {
  return Object.fromEntries(Object.entries(section ?? {}).filter(([, value]) => isGiven(value)));
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}
