/**
 * Reads OTel's declarative configuration (schema 1.0, 1.1) once, and finds every mistake in it with its line.
 *
 * `parseConfigFile` of `@opentelemetry/configuration` does not do here: it reads the file itself, takes only the process's
 * environment, goes on after YAML errors, and names neither the line nor the wrong key. The tests hold this reader
 * against it instead: whatever is accepted here is accepted there, with the same values.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { EventConfig, EventSchemas, KerntelConfig, LogLevel } from "./config.ts";
import { readContainers } from "./containers-section.ts";
import { findContradictions, findDoubts, findWrongValues } from "./cross-checks.ts";
import { parseConfigDocument } from "./document.ts";
import { readLocalLog, readLogProcessors } from "./log-processors.ts";
import { defaultMetricReaders, readMetricReaders } from "./metric-readers.ts";
import { ConfigError } from "./mistake.ts";
import type { Mistake } from "./mistake.ts";
import { explainErrors } from "./problems.ts";
import { readResourceAttributes } from "./resource-attributes.ts";
import { findErrors } from "./schema.ts";
import type { ConfigSections } from "./sections.ts";
import { chooseStateDirectory } from "./state-directory.ts";

export interface ReadConfigOptions {
  /** Without it, the defaults. */
  readonly path?: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly events: EventSchemas;
}

/** @throws {ConfigError} with every mistake of the file, or one where it cannot be read. */
export function readConfig({ path, environment, events }: ReadConfigOptions): KerntelConfig {
  if (path === undefined) return fillDefaults({}, { environment, events });
  const document = parseConfigDocument(readText(path), path, environment);
  const mistakes = [...document.mistakes];
  if (document.value !== undefined) {
    const told = new Set(mistakes.map(({ key }) => key));
    const problems = explainErrors(findErrors(events, document.value), document.value);
    mistakes.push(
      ...problems
        .map(({ path: place, problem }) => document.mistake(place, problem))
        .filter(({ key }) => !told.has(key)),
    );
    const further = [...findContradictions(document.value), ...findWrongValues(document.value, events)];
    mistakes.push(...further.map(({ path: place, problem }) => document.mistake(place, problem)));
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes.sort(byPlace));
  const sections = document.value as ConfigSections;
  const warnings = findDoubts(sections).map(({ path: place, problem }) => document.mistake(place, problem));
  return { file: path, ...fillDefaults(sections, { environment, events }), warnings: warnings.sort(byPlace) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file",
      EACCES: "it may not be read by this user",
      EISDIR: "it is a directory",
    };
    const problem = `cannot be read: ${reasons[code ?? ""] ?? message}`;
    throw new ConfigError([{ file: path, line: 0, column: 0, key: "", problem }], { cause });
  }
}

function fillDefaults(sections: ConfigSections, options: Omit<ReadConfigOptions, "path">): KerntelConfig {
  const { environment, events } = options;
  const own = sections.distribution?.kerntel ?? {};
  const processors = sections.logger_provider?.processors ?? [];
  const disabled = sections.disabled ?? false;
  return {
    disabled,
    logLevel: (sections.log_level ?? "info").replace(/\d$/, "") as LogLevel,
    resourceAttributes: readResourceAttributes(sections.resource),
    logProcessors: disabled ? [] : readLogProcessors(processors),
    metricReaders: disabled
      ? []
      : readMetricReaders(sections.meter_provider?.readers ?? defaultMetricReaders),
    localLog: readLocalLog(processors, own.local_log),
    stateDirectory: chooseStateDirectory(own.state_directory, environment, readUser(environment)),
    events: Object.fromEntries(
      Object.entries(events).map(([name, keys]) => [name, readEvent(keys, own.events?.[name] ?? {})]),
    ),
    containers: readContainers(own.containers),
    warnings: [],
  };
}

function readEvent(keys: EventSchemas[string], section: Readonly<Record<string, unknown>>): EventConfig {
  return {
    enabled: section["enabled"] !== false,
    settings: Object.fromEntries(
      Object.entries(keys).map(([key, property]) => [key, section[key] ?? property.default]),
    ),
  };
}

/** A container may run under a user that no file knows: then neither name nor home is to be had. */
function readUser(environment: NodeJS.ProcessEnv): { uid: number; home: string } {
  return { uid: process.getuid?.() ?? 0, home: environment["HOME"] ?? findHome() };
}

function findHome(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}

function byPlace(left: Mistake, right: Mistake): number {
  return left.line - right.line || left.column - right.column;
}
