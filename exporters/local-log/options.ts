/** What the log can be told, and what it takes where it is not. */
import path from "node:path";
import type { ClockReadings } from "./age-clock.ts";
import { createStorageError } from "./storage-error.ts";

export interface LocalLogOptions {
  /** Made with mode 0700 where it is missing. One process at a time. */
  readonly directory: string;
  /** 1 GiB where left out. */
  readonly maxTotalBytes?: number;
  /** 7 days where left out; by the time since boot, see `age-clock.ts`. */
  readonly maxAgeMs?: number;
  /** 64 MiB where left out, or an eighth of `maxTotalBytes` if that is less. */
  readonly segmentBytes?: number;
  /** 1 day where left out. */
  readonly segmentAgeMs?: number;
  /** What the age of segments goes by; the system's where left out. */
  readonly clocks?: () => ClockReadings;
  /** Something went wrong that the log lives on with. */
  readonly onWarning?: (message: string, cause?: unknown) => void;
}

export interface ResolvedOptions extends LocalLogOptions {
  readonly maxTotalBytes: number;
  readonly maxAgeMs: number;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** Throws `LOCAL_LOG_OPTIONS_INVALID` naming the option. */
export function resolveOptions(options: LocalLogOptions): ResolvedOptions {
  const maxTotalBytes = options.maxTotalBytes ?? 1024 * MIB;
  const limits = {
    maxTotalBytes,
    maxAgeMs: options.maxAgeMs ?? 7 * 24 * HOUR_MS,
    segmentBytes: options.segmentBytes ?? Math.min(64 * MIB, Math.floor(maxTotalBytes / 8)),
    segmentAgeMs: options.segmentAgeMs ?? 24 * HOUR_MS,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (value > 0) continue;
    throw createStorageError("LOCAL_LOG_OPTIONS_INVALID", `${name} must be greater than 0, not ${value}.`);
  }
  return { ...options, ...limits, directory: path.resolve(options.directory) };
}
