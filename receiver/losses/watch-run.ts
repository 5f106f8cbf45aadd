/** The watch over one run, with the counters of the parts that there are by then. */
import type { Containers } from "../containers/containers.ts";
import type { Settlements } from "../emission/settlements.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { createClockReader } from "./instant.ts";
import { collectLosses } from "./loss-totals.ts";
import { RunWatch } from "./run-watch.ts";

export interface WatchedRun {
  readonly stateDirectory: string;
  readonly pipeline: Pick<Pipeline, "log" | "deliveries">;
  readonly settlements: Settlements;
  readonly bootId: string | undefined;
  readonly write: (line: string) => void;
  /** Undefined until it is made. */
  readonly tracing: () => Tracing | undefined;
  readonly containers: () => Containers | undefined;
}

export function watchRun(parts: WatchedRun): Promise<RunWatch> {
  const { stateDirectory, pipeline, settlements, bootId, write } = parts;
  return RunWatch.open({
    stateDirectory,
    log: pipeline.log,
    collect: () =>
      collectLosses({
        events: parts.tracing()?.reports("kernel") ?? [],
        deliveries: pipeline.deliveries,
        containers: parts.containers()?.counts(),
        rejectedTenants: parts.containers()?.tenants?.counts().rejected,
      }),
    newestStored: () => settlements.newestStored,
    readClock: createClockReader(bootId),
    write,
  });
}
