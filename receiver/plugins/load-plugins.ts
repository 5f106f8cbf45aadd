/** Loads the plug-ins that a configuration names and registers what they declare. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describeCause } from "#exporters/system-error.ts";
import { ConfigError } from "#otel-config/mistake.ts";
import type { NamedPlugin } from "#otel-config/plugin-paths.ts";
import { registerExporter, registeredExporters } from "../exporter-registry.ts";
import { registerEventTracing, registeredEvents } from "../tracing/registry.ts";
import { findPluginProblem } from "./plugin.ts";
import type { Plugin } from "./plugin.ts";
import { findForeignHand } from "./root-owned.ts";

/** Code stays loaded as long as the process runs, and is registered once. */
const loaded = new Set<string>();

/**
 * Loads each plug-in that is not loaded yet, after it has checked that its folder is root's alone. Throws `ConfigError`, with
 * the line of the plug-in, for the first that cannot be used.
 */
export async function loadPlugins(plugins: readonly NamedPlugin[]): Promise<void> {
  for (const { path, mistake } of plugins) {
    if (loaded.has(path)) continue;
    const problem = await load(path);
    if (problem !== undefined) throw new ConfigError([mistake(problem)]);
    loaded.add(path);
  }
}

async function load(folder: string): Promise<string | undefined> {
  // No value of the configuration stands in a message.
  const describe = (error: unknown): string =>
    describeCause(error).replaceAll(folder, "…").replaceAll("\n", " ");
  try {
    const foreign = findForeignHand(folder);
    if (foreign !== undefined)
      return `is not loaded, because a plug-in runs with all rights of Kerntel and must be root's alone: it ${foreign}`;
    const module = (await import(pathToFileURL(join(folder, readEntry(folder))).href)) as {
      readonly default?: unknown;
    };
    return findPluginProblem(module.default) ?? register(module.default as Plugin);
  } catch (error) {
    return `cannot be loaded: ${describe(error)}`;
  }
}

/** The module that `package.json` names as `main`, or `plugin.js`. */
function readEntry(folder: string): string {
  let text: string;
  try {
    text = readFileSync(join(folder, "package.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "plugin.js";
    throw error;
  }
  const { main } = JSON.parse(text) as { readonly main?: unknown };
  return typeof main === "string" ? main : "plugin.js";
}

/** All of it or, where a name is taken, nothing. */
function register({ events = {}, exporters = [] }: Plugin): string | undefined {
  const event = Object.keys(events).find((name) => registeredEvents().has(name));
  if (event !== undefined) return `there is already an event "${event}"`;
  const names = registeredExporters().map(({ name }) => name);
  const exporter = exporters.find(({ name }, index) =>
    [...names, ...exporters.slice(0, index).map((each) => each.name)].includes(name),
  );
  if (exporter !== undefined) return `there is already an exporter "${exporter.name}"`;
  for (const [name, factory] of Object.entries(events)) registerEventTracing(name, factory);
  for (const provider of exporters) registerExporter(provider);
  return undefined;
}
