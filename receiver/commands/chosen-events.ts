/** The events there are, joined with what the configuration says of each. */
import { describeCause } from "#exporters/system-error.ts";
import { readConfig } from "#otel-config/read-config.ts";
import type { KerntelConfig } from "#otel-config/config.ts";
import { createEvents, declare } from "../declarations.ts";
import type { EventChoice } from "../tracing/tracing.ts";
import { textOption } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";

export interface Chosen {
  readonly config: KerntelConfig;
  readonly events: ReadonlyMap<string, EventChoice>;
}

/** Reads the configuration that `--config` names, or the defaults. Throws `ConfigError`. */
export function chooseEvents(values: CommandValues, { variables }: CommandEnvironment): Chosen {
  const attrs = createEvents();
  const path = textOption(values, "config");
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
