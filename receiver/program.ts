/** The running program, from a configuration to a clean stop: what is started, in which order, and undone in the reverse. */
import { isDeepStrictEqual } from "node:util";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { BOOT_ID_FILE, readBootId } from "#exporters/boot-id.ts";
import { ConnectionCounts } from "#exporters/connection-counts.ts";
import { countFreeDescriptors } from "#exporters/descriptors.ts";
import { readUid } from "#exporters/contract.ts";
import type { Outputs } from "#exporters/console/standard-outputs.ts";
import type { ContainersConfig, KerntelConfig } from "#otel-config/config.ts";
import { startPipeline } from "./pipeline/pipeline.ts";
import { prepareStateDirectory } from "./pipeline/state-directory.ts";
import { describeHost } from "./emission/host-resource.ts";
import { startContainers } from "./containers/start-containers.ts";
import { startControl } from "./control/start-control.ts";
import { Emitter } from "./emission/emitter.ts";
import { Settlements } from "./emission/settlements.ts";
import { WallClock } from "./emission/wall-clock.ts";
import { readPageSizeBytes } from "./host.ts";
import type { RunWatch } from "./losses/run-watch.ts";
import { watchRun } from "./losses/watch-run.ts";
import { createMetricProducers } from "./metrics/producers.ts";
import type { MeasuredParts } from "./metrics/producers.ts";
import { runInPart } from "./parts/part.ts";
import { UncaughtErrors } from "./parts/uncaught-errors.ts";
import { requireDescriptors } from "./require-descriptors.ts";
import { scope } from "./scope.ts";
import type { KerntelProgramAttributes } from "./telemetry/telemetry.generated.ts";
import { DriverErrors } from "./tracing/driver-errors.ts";
import { createKernelNames } from "./tracing/kernel-names.ts";
import { findMissingRequirement } from "./tracing/requirements.ts";
import type { EventReport } from "./tracing/traced-event.ts";
import { Tracing } from "./tracing/tracing.ts";
import type { EventChoice } from "./tracing/tracing.ts";

/** Half of what container runtimes wait before they kill; what was not sent by then is still in the local log. */
const STOP_DEADLINE_MS = 5_000;

export interface ProgramOptions {
  readonly config: KerntelConfig;
  readonly events: ReadonlyMap<string, EventChoice>;
  /** One line for people about the program itself. */
  readonly write: (line: string) => void;
  /** Shows each log record as it comes. Returns at once. */
  readonly show: (record: ReadableLogRecord) => void;
  /** Whose lost lines are counted. */
  readonly outputs: Outputs;
  /** Where the control socket is to be; `undefined` for its usual place. */
  readonly runDirectory: string | undefined;
}

export interface Program extends AsyncDisposable {
  /** Takes what a new configuration says of the events and of `containers`; returns the names of what changed. */
  reload(chosen: Pick<ProgramOptions, "config" | "events">): Promise<readonly string[]>;
  reports(): readonly EventReport[];
  /** Resolves where going on would be wrong: the local log failed in a way that nobody expected. */
  readonly failed: Promise<unknown>;
  /** Why nothing that needs the kernel runs. */
  readonly missingRequirement: string | undefined;
  /** Whether anything of the kernel is watched, or may be after another try. */
  readonly watchesKernel: boolean;
}

/** Resolves when every event is attached or has its reason. When it rejects, nothing stays behind. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { config, write } = options;
  requireDescriptors(countFreeDescriptors());
  await using started = new AsyncDisposableStack();
  // Whatever is made from here on, LevelDB's files and directories included, is for this user alone.
  process.umask(0o077);
  await prepareStateDirectory(config.stateDirectory);
  const uncaught = started.use(new UncaughtErrors(write));
  const failed = Promise.withResolvers<unknown>();
  const driverErrors = new DriverErrors();

  const hostAttributes = describeHost(config.resourceAttributes);
  const self: KerntelProgramAttributes = { "service.name": scope.name, "service.version": scope.version };
  const source: MeasuredParts & { run?: RunWatch } = {};
  const servers = { prometheus: new ConnectionCounts(), control: new ConnectionCounts() };
  const settlements = new Settlements();
  const pipeline = await startPipeline({
    config,
    connections: servers.prometheus,
    resourceAttributes: { ...hostAttributes, ...self },
    metricProducers: createMetricProducers(source, {
      driverErrors,
      uncaught,
      servers,
      outputs: options.outputs,
    }),
    account: (record, outcome) => {
      source.tracing?.account(record.eventName, outcome);
      settlements.settle(readUid(record), outcome);
    },
    onSettled: () => source.run?.close(),
    write,
    parts: {
      run: runInPart,
      guard: (part, act) => uncaught.guard(part, act),
      report: (part, error) => {
        uncaught.report(part, error);
      },
    },
    onLogFailed: failed.resolve,
  });
  source.pipeline = pipeline;
  started.defer(() => pipeline.close(STOP_DEADLINE_MS));

  const missingRequirement = findMissingRequirement();
  const containers = started.use(
    startContainers({ config: config.containers, missingRequirement, write, uncaught }),
  );
  source.containers = containers;

  const clock = new WallClock();
  const bootId = readBootId();
  const run = await watchRun({
    stateDirectory: config.stateDirectory,
    pipeline,
    settlements,
    bootId,
    write,
    tracing: () => source.tracing,
    containers: () => source.containers,
  });
  source.run = run;
  if (bootId === undefined)
    write(`kerntel: log records carry no kerntel.boot.id: ${BOOT_ID_FILE} cannot be read or holds no UUID\n`);
  const about = containers.about.bind(containers);
  const emitter = new Emitter({
    hostAttributes,
    scope,
    limits: config.attributeLimits,
    clock,
    bootId,
    about,
    wholePath: containers.wholePath.bind(containers),
    waitMs: config.containers.waitMs,
    nextUid: pipeline.nextUid,
    offer: (record) => {
      pipeline.offer(record);
      uncaught.guard({ kind: "console", restart: () => {} }, () => {
        options.show(record);
      });
    },
    settlements,
    onLost: (eventName, error) => {
      source.tracing?.account(eventName, "refused");
      uncaught.report({ kind: "emission", restart: () => {} }, error);
    },
  });
  const kernel = started.use(createKernelNames(write));
  containers.onChange = (): void => {
    emitter.release();
  };
  source.emitter = emitter;
  started.defer(() => {
    emitter.flush();
  });
  const tracing = new Tracing({
    events: options.events,
    emitter,
    clock,
    kernel,
    about,
    seriesOf: containers.seriesOf.bind(containers),
    pageSizeBytes: readPageSizeBytes(),
    missingRequirement,
    write,
    uncaught,
    driverErrors,
    sharedMaps: containers.tenantMaps,
    losses: run,
  });
  source.tracing = tracing;

  const [connections, { runDirectory }, { stateDirectory }] = [servers.control, options, config];
  started.use(
    await startControl({ stateDirectory, runDirectory, write, tracing, pipeline, connections, uncaught }),
  );
  started.defer(() => {
    run.noteEnd();
    return tracing.stop();
  });
  await Promise.all([containers.start(), tracing.start()]);
  if (tracing.watchesKernel) run.begin();

  let inForce = config.containers;
  const reloadContainers = (wanted: ContainersConfig): readonly string[] => {
    if (isDeepStrictEqual(wanted, inForce)) return [];
    inForce = wanted;
    emitter.setWait(wanted.waitMs);
    containers.reload(wanted);
    return ["containers"];
  };

  const running = started.move();
  return {
    failed: failed.promise,
    missingRequirement,
    get watchesKernel() {
      return tracing.watchesKernel;
    },
    reload: async ({ config: { containers: wanted }, events }) => {
      for (const delivery of pipeline.deliveries) delivery.probe();
      return [...(await tracing.reload(events)), ...reloadContainers(wanted)];
    },
    reports: () => tracing.reports(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
