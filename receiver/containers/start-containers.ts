/** Creates `Containers` from the configuration, with its own logger, as a part of the receiver. */
import type { ContainersConfig } from "#otel-config/config.ts";
import { PacedRestart } from "../parts/paced-restart.ts";
import { runInPart } from "../parts/part.ts";
import type { Part } from "../parts/part.ts";
import type { UncaughtReporter } from "../parts/uncaught-errors.ts";
import { createEventLog } from "../tracing/event-log.ts";
import { Containers } from "./containers.ts";

export interface ContainersStart {
  readonly config: ContainersConfig;
  /** Why nothing that needs the kernel runs; then only what records bring is known. */
  readonly missingRequirement: string | undefined;
  readonly write: (line: string) => void;
  readonly uncaught: UncaughtReporter;
}

/** After an error that nothing caught it is restarted, with what it knows. */
export function startContainers(start: ContainersStart): Containers {
  const log = createEventLog({ name: "containers", write: start.write });
  const restarts = new PacedRestart(() => {
    // What it rejects with is unhandled, and so restarts it again.
    runInPart(part, () => void containers.restart());
  });
  const part: Part = {
    kind: "containers",
    restart: () => {
      restarts.request();
    },
  };
  const { config, missingRequirement } = start;
  const containers = runInPart(part, () => new Containers({ config, log, missingRequirement }));
  return containers;
}
