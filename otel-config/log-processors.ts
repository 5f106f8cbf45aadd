/** Reads `logger_provider.processors`: where log records go beside the local log, and how the local log is kept. */
import type { BatchConfig, LocalLogConfig, LogProcessorConfig } from "./config.ts";
import { readElasticsearch } from "./elasticsearch-section.ts";
import type { ElasticsearchSection } from "./elasticsearch-section.ts";
import { readPushExporter } from "./push-exporter.ts";
import type { PushExporterSection } from "./push-exporter.ts";

/** One of `batch` and `simple`; the schema has checked it. */
export interface LogProcessorSection {
  readonly batch?: BatchSection;
  readonly simple?: { readonly exporter: PushExporterSection };
}

interface BatchSection {
  readonly schedule_delay?: number | null;
  readonly export_timeout?: number | null;
  readonly max_queue_size?: number | null;
  readonly max_export_batch_size?: number | null;
  readonly exporter: PushExporterSection & {
    readonly pouchdb?: LocalLogSection | null;
    readonly elasticsearch?: ElasticsearchSection | null;
  };
}

export interface LocalLogSection {
  readonly max_size_mib?: number | null;
  readonly max_age_days?: number | null;
}

const localLogDefaults = { maxSizeMib: 1024, maxAgeDays: 7 };
/** OTel's own, from its configuration schema. */
const batchDefaults: BatchConfig = {
  scheduleDelayMs: 1000,
  exportTimeoutMs: 30_000,
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
};
/** A record is safe from a killed process only once it is written, so it waits less; and a burst must fit in. */
const localLogBatchDefaults: BatchConfig = { ...batchDefaults, scheduleDelayMs: 200, maxQueueSize: 10_000 };
const bytesPerMib = 1024 * 1024;
const msPerDay = 24 * 60 * 60 * 1000;

/** All but `pouchdb`, which is always there and only tuned by the file. */
export function readLogProcessors(sections: readonly LogProcessorSection[]): LogProcessorConfig[] {
  return sections.flatMap(({ batch, simple }): LogProcessorConfig[] => {
    if (simple) return [{ kind: "simple", exporter: readPushExporter(simple.exporter, "logs") }];
    if (!batch || "pouchdb" in batch.exporter) return [];
    const exporter =
      "elasticsearch" in batch.exporter
        ? readElasticsearch(batch.exporter.elasticsearch ?? {})
        : readPushExporter(batch.exporter, "logs");
    return [{ kind: "batch", ...readBatch(batch, batchDefaults), exporter }];
  });
}

/** `distribution.kerntel.local_log` and the `pouchdb` exporter say the same thing; each key is given at most once. */
export function readLocalLog(
  sections: readonly LogProcessorSection[],
  section: LocalLogSection | null | undefined,
): LocalLogConfig {
  const batch = sections.find((processor) => processor.batch && "pouchdb" in processor.batch.exporter)?.batch;
  const tuned = batch?.exporter.pouchdb;
  const sizeMib = tuned?.max_size_mib ?? section?.max_size_mib ?? localLogDefaults.maxSizeMib;
  const ageDays = tuned?.max_age_days ?? section?.max_age_days ?? localLogDefaults.maxAgeDays;
  return {
    maxSizeBytes: sizeMib * bytesPerMib,
    maxAgeMs: Math.round(ageDays * msPerDay),
    ...readBatch(batch ?? {}, localLogBatchDefaults),
  };
}

function readBatch(section: Omit<BatchSection, "exporter">, defaults: BatchConfig): BatchConfig {
  const maxQueueSize =
    section.max_queue_size ?? Math.max(defaults.maxQueueSize, section.max_export_batch_size ?? 0);
  return {
    scheduleDelayMs: section.schedule_delay ?? defaults.scheduleDelayMs,
    exportTimeoutMs: section.export_timeout ?? defaults.exportTimeoutMs,
    maxQueueSize,
    // A batch never holds more than the queue.
    maxExportBatchSize: section.max_export_batch_size ?? Math.min(defaults.maxExportBatchSize, maxQueueSize),
  };
}
