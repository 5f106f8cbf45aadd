/** The face of this folder: the durable log on this machine, which every log record is in first. */
import type { ExporterProvider, LogExporter } from "../exporter-provider.ts";

/** What a configuration file says of the local log. */
export interface LocalLogSettings {
  readonly maxSizeMib: number;
  readonly maxAgeDays: number;
}

const logs: LogExporter<LocalLogSettings> = {
  settings: {
    maxSizeMib: {
      key: "max_size_mib",
      type: "integer",
      unit: "MiBy",
      minimum: 16,
      maximum: 1_048_576,
      default: 1024,
      description: "Size of the local log, in MiB; the oldest part is dropped when it is passed.",
    },
    maxAgeDays: {
      key: "max_age_days",
      type: "number",
      unit: "d",
      exclusiveMinimum: 0,
      maximum: 3650,
      default: 7,
      description: "Age of what the local log holds, in days; the oldest part is dropped when it is passed.",
    },
  },
  processors: ["batch"],
  ownSection: {
    key: "local_log",
    // A record is safe from a killed process only once it is written, so it waits less; and a burst must fit in.
    batchDefaults: { scheduleDelayMs: 200, maxQueueSize: 10_000 },
  },
};

export const localLog: ExporterProvider = {
  name: "pouchdb",
  description: "The local log, which exists whether it is named or not.",
  logs,
};
