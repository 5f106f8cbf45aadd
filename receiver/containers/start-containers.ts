/** `Containers` with the sources of the configuration and a voice of its own. */
import type { ContainersConfig } from "#otel-config/config.ts";
import { createEventLog } from "../tracing/event-log.ts";
import { Containers } from "./containers.ts";

/** `missingRequirement`: why nothing that needs the kernel runs; then only what records bring is known. */
export function startContainers(
  config: ContainersConfig,
  missingRequirement: string | undefined,
  write: (line: string) => void,
): Containers {
  const log = createEventLog({ name: "containers", write });
  return new Containers({ config, log, missingRequirement });
}
