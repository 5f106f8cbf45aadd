/**
 * Reads OTel's declarative configuration (schema 1.0, 1.1) once, and finds every mistake in it with its line.
 *
 * `parseConfigFile` of `@opentelemetry/configuration` does not do here: it reads the file itself, takes only the process's
 * environment, goes on after YAML errors, and names neither the line nor the wrong key. The tests hold this reader
 * against it instead: whatever is accepted here is accepted there, with the same values.
 */
import { homedir } from "node:os";
import { readContainers, readLocalLog, readLogProcessors, readMetricReaders } from "./components.ts";
import type { ComponentSection } from "./components.ts";
import type { AttributeLimits, EventConfig, KerntelConfig, LogLevel } from "./config.ts";
import { findContradictions, findDoubts } from "./cross-checks.ts";
import { enabledSetting } from "./declaration.ts";
import type { DeclaredEvents, Declarations } from "./declaration.ts";
import { parseConfigDocument } from "./document.ts";
import { kerntelGroup, recordLimitsGroup, topGroup } from "./file-settings.ts";
import { showKnownKeys } from "./known-words.ts";
import type { ShowKey } from "./known-words.ts";
import { ConfigError } from "./mistake.ts";
import type { Mistake } from "./mistake.ts";
import { explainErrors } from "./problems.ts";
import { readGroup } from "./read-group.ts";
import type { SettingValues } from "./read-group.ts";
import { readText } from "./read-text.ts";
import { readResourceAttributes } from "./resource-attributes.ts";
import type { ResourceSection } from "./resource-attributes.ts";
import { findErrors } from "./schema.ts";
import { chooseStateDirectory } from "./state-directory.ts";

export interface ReadConfigOptions {
  /** Without it, the defaults. */
  readonly path?: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Of all that plugs in. */
  readonly declarations: Declarations;
  /** Turns the error of a file that cannot be read into words for people; the error's own message where left out. */
  readonly describeCause?: (error: unknown) => string;
}

/** The file after the schema has accepted it. */
interface ConfigSections {
  readonly resource?: ResourceSection;
  readonly logger_provider?: {
    readonly processors: readonly ComponentSection[];
    readonly limits?: unknown;
  };
  readonly meter_provider?: { readonly readers: readonly ComponentSection[] };
  readonly distribution?: { readonly kerntel?: KerntelSection };
}

interface TopSettings {
  readonly disabled: boolean;
  readonly log_level: string;
  readonly attributeLimits: AttributeLimits;
}

type KerntelSection = Readonly<Record<string, Readonly<Record<string, unknown>> | null | undefined>>;

/** @throws {ConfigError} with every mistake of the file, or one where it cannot be read. */
export function readConfig(options: ReadConfigOptions): KerntelConfig {
  const { path, environment, declarations } = options;
  if (path === undefined) return fillDefaults({}, { environment, declarations });
  const showKey = lazily(() => showKnownKeys(declarations));
  const document = parseConfigDocument({ text: readFile(path, options), file: path, environment, showKey });
  const mistakes = [...document.mistakes];
  if (document.value !== undefined) {
    const told = new Set(mistakes.map(placeOf));
    const checked = { root: document.value, isSubstituted: document.isSubstituted, showKey };
    const problems = [
      ...explainErrors(findErrors(declarations, document.value), checked),
      ...findContradictions(checked, declarations),
    ];
    const found = problems.map(({ path: place, problem }) => document.mistake(place, problem));
    mistakes.push(...found.filter((mistake) => !told.has(placeOf(mistake))));
  }
  if (mistakes.length > 0) throw new ConfigError(shorten(mistakes.sort(byPlace)));
  const sections = document.value as ConfigSections;
  const warnings = findDoubts(sections, declarations).map(({ path: place, problem }) =>
    document.mistake(place, problem),
  );
  const config = fillDefaults(sections, { environment, declarations });
  return { file: path, ...config, warnings: warnings.sort(byPlace) };
}

/** Words are collected from all declarations, which a file without a mistake does not need. */
function lazily(make: () => ShowKey): ShowKey {
  let made: ShowKey | undefined;
  return (key) => (made ??= make())(key);
}

function readFile(path: string, { describeCause = describeError }: ReadConfigOptions): string {
  const refuse = (problem: string, cause?: unknown): ConfigError =>
    new ConfigError([{ file: path, line: 0, column: 0, key: "", problem }], { cause });
  let read: ReturnType<typeof readText>;
  try {
    read = readText(path);
  } catch (cause) {
    throw refuse(`cannot be read: ${describeCause(cause)}`, cause);
  }
  if ("problem" in read) throw refuse(read.problem);
  return read.text;
}

/** More than anybody reads at once. */
const MOST_MISTAKES = 100;

function shorten(mistakes: readonly Mistake[]): readonly Mistake[] {
  const [shown, more] = [mistakes.slice(0, MOST_MISTAKES), mistakes.length - MOST_MISTAKES];
  const file = mistakes[0]?.file ?? "";
  const rest = { file, line: 0, column: 0, key: "", problem: "there are more mistakes after these" };
  return more > 0 ? [...shown, rest] : shown;
}

function placeOf({ line, column, key }: Mistake): string {
  return `${line}:${column}:${key}`;
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fillDefaults(sections: ConfigSections, options: Omit<ReadConfigOptions, "path">): KerntelConfig {
  const { environment, declarations } = options;
  const { exporters, sources, events } = declarations;
  const top = readGroup(topGroup, sections) as TopSettings & SettingValues;
  const own = sections.distribution?.kerntel ?? {};
  const { stateDirectory, plugins } = readGroup(kerntelGroup, own) as {
    readonly stateDirectory?: string;
    readonly plugins: readonly string[];
  };
  const processors = sections.logger_provider?.processors ?? [];
  const recordLimits = readGroup(recordLimitsGroup, sections.logger_provider?.limits);
  const readers = sections.meter_provider?.readers;
  return {
    disabled: top.disabled,
    logLevel: top.log_level.replace(/\d$/, "") as LogLevel,
    resourceAttributes: readResourceAttributes(sections.resource),
    attributeLimits: { ...top.attributeLimits, ...recordLimits },
    logProcessors: top.disabled ? [] : readLogProcessors(processors, exporters),
    metricReaders: top.disabled ? [] : readMetricReaders(readers, exporters),
    localLog: readLocalLog(processors, exporters, own),
    stateDirectory: chooseStateDirectory(stateDirectory, environment, readUser(environment)),
    events: Object.fromEntries(
      Object.entries(events).map(([name, settings]) => [name, readEvent(settings, own["events"]?.[name])]),
    ),
    containers: readContainers(own["containers"], sources),
    plugins,
    warnings: [],
  };
}

function readEvent(settings: DeclaredEvents[string], section: unknown): EventConfig {
  const { enabled } = readGroup({ settings: { enabled: enabledSetting } }, section);
  return { enabled: enabled === true, settings: readGroup({ settings }, section) };
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
