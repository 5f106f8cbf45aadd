/** The configuration as running parts: local log, one delivery per destination, metric readers. */
import type { Attributes } from "@opentelemetry/api";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { MetricProducer } from "@opentelemetry/sdk-metrics";
import type { ConnectionCounts } from "#exporters/connection-counts.ts";
import type { Delivery } from "#exporters/delivery/delivery.ts";
import type { DeliveryState } from "#exporters/delivery/options.ts";
import { RestartableDelivery } from "#exporters/delivery/restartable.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import type { LocalLog } from "#exporters/local-log/local-log.ts";
import { LogWriter } from "#exporters/local-log/log-writer.ts";
import type { LocalLogSettings } from "#exporters/local-log/provider.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import type { KerntelConfig } from "#otel-config/config.ts";
import { portTenants } from "../peers.ts";
import { createDestinations } from "./destinations.ts";
import { logDirectory } from "./state-directory.ts";
import { startMetrics } from "./start-metrics.ts";

/** What fails by itself: a destination is started anew at its cursor, after an error of the local log nothing is. */
export interface PipelinePart {
  readonly kind: "delivery" | "local_log" | "metrics";
  /** Of a destination. */
  readonly name?: string;
  readonly restart: (error: unknown) => void;
}

/** How the receiver keeps apart what fails. */
export interface PipelineParts {
  /** Runs `act`; errors of what it starts are the part's. */
  run<Result>(part: PipelinePart, act: () => Result): Result;
  /** The same, and what `act` itself throws is reported too. */
  guard<Result>(part: PipelinePart, act: () => Result): Result | undefined;
  report(part: PipelinePart, error: unknown): void;
}

export interface PipelineOptions {
  readonly config: KerntelConfig;
  /** Resource attributes of the program's own metrics. */
  readonly resourceAttributes: Attributes;
  readonly metricProducers: readonly MetricProducer[];
  /** Of the servers from which metrics are scraped. */
  readonly connections: ConnectionCounts;
  /** Called for each log record with what became of it. */
  account(record: ReadableLogRecord, outcome: "stored" | "refused"): void;
  /** At the end, when every record has its outcome and the local log is still this process's own. */
  onSettled(): Promise<void> | undefined;
  /** One line for people. */
  readonly write: (line: string) => void;
  readonly parts: PipelineParts;
  /** The local log failed in a way that it did not expect: what it says of its records may be wrong from now on. */
  readonly onLogFailed: (error: unknown) => void;
}

export interface Pipeline {
  readonly log: LocalLog;
  readonly deliveries: readonly Delivery[];
  readonly nextUid: () => string;
  /** Takes a record without waiting. */
  offer(record: ReadableLogRecord): void;
  /** Stores what was offered, sends what can be sent until the deadline, and closes everything. */
  close(deadlineMs: number): Promise<void>;
}

/** When it rejects, nothing of it runs on. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { config, write, parts } = options;
  await using started = new AsyncDisposableStack();
  const logPart: PipelinePart = { kind: "local_log", restart: options.onLogFailed };
  const log = await parts.run(logPart, () => openLog(config, write));
  started.defer(() => log.close());
  started.defer(() => options.onSettled());

  const destinations = await createDestinations(config.logProcessors);
  const claims = destinations.map(({ destination: { name }, formerName }) => ({ name, formerName }));
  for (const line of log.claimCursors(claims)) write(`kerntel: local log: ${line}\n`);
  const start = ({ destination, batch, onRefusal }: (typeof destinations)[number]): RestartableDelivery =>
    new RestartableDelivery(log, destination, {
      batchRecords: batch.maxExportBatchSize,
      batchDelayMs: batch.scheduleDelayMs,
      memoryRecords: batch.maxQueueSize,
      attemptTimeoutMs: batch.exportTimeoutMs,
      onRefusal,
      onStateChange: (state, reason) => {
        write(`kerntel: ${destination.name} ${describeState(state, reason)}\n`);
      },
    });
  const running = destinations.map((each) => {
    const part: PipelinePart = {
      kind: "delivery",
      name: each.destination.name,
      restart: () => {
        delivery.restart();
      },
    };
    const delivery = parts.run(part, () => start(each));
    return { part, delivery };
  });
  const deliveries = running.map(({ delivery }) => delivery);
  let deadlineMs = 0;
  started.defer(async () => {
    await Promise.all(deliveries.map((delivery) => delivery.close(deadlineMs)));
  });

  const writer = parts.run(
    logPart,
    () =>
      new LogWriter(log, {
        maxBufferedRecords: config.localLog.maxQueueSize,
        batchRecords: config.localLog.maxExportBatchSize,
        batchDelayMs: config.localLog.scheduleDelayMs,
        onRefused: (record) => {
          options.account(record, "refused");
        },
        onStored: (records) => {
          for (const record of records) options.account(record, "stored");
          for (const { part, delivery } of running)
            parts.guard(part, () => {
              delivery.notify(records);
            });
        },
        onError: (error) => {
          write(`kerntel: local log: ${error instanceof Error ? error.message : String(error)}\n`);
        },
      }),
  );
  started.defer(() => writer.close(deadlineMs));
  const metricsPart: PipelinePart = { kind: "metrics", restart: () => {} };
  started.use(
    await parts.run(metricsPart, () =>
      startMetrics(config.metricReaders, options.resourceAttributes, {
        metricProducers: options.metricProducers,
        connections: options.connections,
        tenants: portTenants,
        onError: (error) => {
          parts.report(metricsPart, error);
        },
      }),
    ),
  );

  const pipeline = started.move();
  return {
    log,
    deliveries,
    nextUid: createUidSource(log.newestUid()),
    offer: (record) => {
      parts.guard(logPart, () => writer.offer(record));
    },
    close: (limitMs) => {
      deadlineMs = limitMs;
      return pipeline.disposeAsync();
    },
  };
}

function describeState(state: DeliveryState, reason: string): string {
  if (state === "delivering") return "takes log records again";
  if (state === "retrying") return `does not take log records, trying again: ${reason}`;
  return `refuses every log record (${reason}): they wait in the local log; it is tried every 30 to 60 s and at SIGHUP`;
}

const BYTES_PER_MIB = 1024 * 1024;
const MS_PER_DAY = 24 * 60 * 60 * 1000;

async function openLog(config: KerntelConfig, write: (line: string) => void): Promise<LocalLog> {
  // They were read by the declaration of the local log.
  const { maxSizeMib, maxAgeDays } = config.localLog.settings as unknown as LocalLogSettings;
  return openLocalLog({
    directory: logDirectory(config.stateDirectory),
    maxTotalBytes: maxSizeMib * BYTES_PER_MIB,
    maxAgeMs: Math.round(maxAgeDays * MS_PER_DAY),
    onWarning: (message, cause) => {
      write(`kerntel: local log: ${message}${cause instanceof Error ? `: ${cause.message}` : ""}\n`);
    },
  });
}
