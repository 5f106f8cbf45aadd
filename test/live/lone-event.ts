/** One event by itself, in the process of the test: for what shows only where its kernel half is loaded in another way, or later. */
import { Accounting } from "#receiver/tracing/accounting.ts";
import type { OutcomeCounts } from "#receiver/tracing/accounting.ts";
import type {
  EventBpf,
  EventBpfOptions,
  EventTracingAttr,
  MetricData,
  TracerRecord,
  TracingContext,
} from "#receiver/tracing/contract.ts";
import { readPageSizeBytes } from "#receiver/host.ts";
import { loadEvent } from "#receiver/tracing/event-bpf.ts";
import { createEventNetwork } from "#receiver/tracing/event-network.ts";
import { createKernelNames } from "#receiver/tracing/kernel-names.ts";
import { followKernelLog, readClocks } from "bpf-loader-napi";
import { waitUntil } from "./wait-until.ts";

export interface Told extends TracerRecord {
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface LoneEvent extends AsyncDisposable {
  readonly records: readonly Told[];
  readonly warnings: readonly string[];
  /** Where it is attached now. */
  hook(): string;
  books(): OutcomeCounts;
  metrics(): readonly MetricData[];
}

export interface LoneOptions {
  /** What is not as by default. */
  readonly config: object;
  /** A kernel that lacks this tracepoint. */
  readonly withoutTracepoint?: string;
  readonly changeLoading?: (options: EventBpfOptions) => EventBpfOptions;
}

/** Resolves when it is attached. */
export async function watchAlone<Config extends object>(
  { tracingData, config = {} }: EventTracingAttr<Config>,
  options: LoneOptions,
): Promise<LoneEvent> {
  const stop = new AbortController();
  const names = createKernelNames();
  const defaults = Object.entries<{ readonly default: unknown }>(config).map(([key, setting]) => [
    key,
    setting.default,
  ]);
  const records: Told[] = [];
  const warnings: string[] = [];
  let hook = "";
  const accounting = new Accounting();
  const log = {
    info: (): void => {},
    warn: (message: string, cause?: unknown): void => void warnings.push(`${message}: ${String(cause)}`),
  };
  const loading = { signal: stop.signal, accounting, log, earlierSums: new Map(), onBatch: () => {} };
  const bpf: EventBpf = {
    ...names,
    hasTracepoint: (name, count) => name !== options.withoutTracepoint && names.hasTracepoint(name, count),
    load: (wanted) => loadEvent(options.changeLoading?.(wanted) ?? wanted, loading),
  };
  const context = {
    signal: stop.signal,
    config: { ...Object.fromEntries(defaults), ...options.config },
    onReload: () => {},
    bpf,
    log,
    counters: accounting,
    network: createEventNetwork({
      guard: (act) => {
        act();
      },
      onFailed: (error) => {
        throw error;
      },
      onDriverError: (_name, _errorName, error) => {
        throw error;
      },
    }),
    followKernelLog,
    pageSizeBytes: readPageSizeBytes(),
    now: () => Number(readClocks().boottimeNs),
    wallTime: (bootNs: number) => `boot+${bootNs}`,
    creationTime: (bootNs: number) => `boot+${bootNs}`,
    containerId: () => undefined,
    losses: { unreported: () => [], downtimes: () => [], reported: () => {} },
    events: { list: () => [], ready: Promise.resolve(), onChange: () => ({ [Symbol.dispose]: () => {} }) },
    attached: (attached: string) => void (hook = attached),
    save: (record: TracerRecord<object>) => void records.push(record as Told),
  } satisfies TracingContext as unknown as TracingContext<Config>;
  const ended = tracingData.start(context);
  await Promise.race([ended, waitUntil("the event to be attached", () => hook !== "" || undefined)]);
  return {
    records,
    warnings,
    hook: () => hook,
    books: () => accounting.counts(),
    metrics: () => tracingData.update?.() ?? [],
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
      names[Symbol.dispose]();
    },
  };
}
