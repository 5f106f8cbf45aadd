/** The sources that the configuration leaves on, as they are queried. */
import type { ContainersConfig, SourceConfig } from "#otel-config/config.ts";
import { containerSources } from "./index.ts";
import { chooseLabels } from "./labels.ts";
import type { DeclaredSource, LabelChoice, NamedSource } from "./source.ts";

export function findSources(config: ContainersConfig): NamedSource[] {
  const labels = chooseLabels(config);
  return containerSources.flatMap((source, trust) => {
    const options = config.sources[source.name];
    return options?.enabled === true ? [{ trust, ...nameSource(source, options, labels) }] : [];
  });
}

function nameSource(
  source: DeclaredSource,
  options: SourceConfig,
  labels: LabelChoice,
): Omit<NamedSource, "trust"> {
  const { name, findsNames, timeoutMs, intervalMs } = source;
  return {
    name,
    settings: { ...options, labels },
    findsNames,
    timeoutMs,
    intervalMs,
    // They were read by the source's own declaration.
    isThere: () => source.isThere(options as never),
    open: () => source.open(options as never, labels),
  };
}
