/** The events there are, joined with what the configuration says of each. */
import { describeCause } from "#exporters/system-error.ts";
import { readConfig } from "#otel-config/read-config.ts";
import type { KerntelConfig } from "#otel-config/config.ts";
import { readPluginPaths } from "#otel-config/plugin-paths.ts";
import { createEvents, declare, registerOwnEvents } from "../declarations.ts";
import { loadPlugins } from "../plugins/load-plugins.ts";
import type { EventChoice } from "../tracing/tracing.ts";
import { textOption } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";

export interface Chosen {
  readonly config: KerntelConfig;
  readonly events: ReadonlyMap<string, EventChoice>;
}

/** Reads the configuration that `--config` names, or the defaults, and loads its plug-ins. Rejects with `ConfigError`. */
export async function chooseEvents(
  values: CommandValues,
  { variables }: CommandEnvironment,
): Promise<Chosen> {
  const path = textOption(values, "config");
  registerOwnEvents();
  if (path !== undefined) await loadPlugins(readPluginPaths(path, variables));
  const attrs = createEvents();
  const config = readConfig({
    ...(path === undefined ? {} : { path }),
    environment: variables,
    declarations: declare(attrs),
    describeCause,
  });
  const events = [...attrs].map(([name, attr]): [string, EventChoice] => {
    const chosen = config.events[name];
    return [name, { attr, enabled: chosen?.enabled ?? true, settings: chosen?.settings ?? {} }];
  });
  return { config, events: new Map(events) };
}
