/** The command line: which command, with which options, and what each exit code means. */
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { ConfigError, formatMistake } from "#otel-config/mistake.ts";
import { EXIT_CLEAN, EXIT_FAILED, EXIT_USAGE, UsageError } from "./commands/command.ts";
import type { Command, CommandEnvironment, CommandValues } from "./commands/command.ts";

interface CommandDefinition {
  /** Loaded when it is called: asking must not wait for what only watching needs. */
  readonly load: () => Promise<Command>;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
}

const config = { type: "string" } as const;
const json = { type: "boolean" } as const;
const help = { type: "boolean", short: "h" } as const;

const commands: Readonly<Record<string, CommandDefinition>> = {
  run: { load: async () => (await import("./commands/run.ts")).run, options: { config, json, help } },
  query: {
    load: async () => (await import("./commands/query.ts")).query,
    options: {
      config,
      json,
      help,
      event: { type: "string" },
      container: { type: "string" },
      since: { type: "string" },
      limit: { type: "string" },
    },
  },
  events: {
    load: async () => (await import("./commands/events.ts")).listEvents,
    options: { config, json, help },
  },
};

const usage = `Kerntel watches the Linux kernel and reports anomalies as OpenTelemetry log records.

  kerntel run     [--config FILE] [--json]    watch, until SIGINT or SIGTERM
  kerntel query   [--config FILE] [--event NAME] [--container ID] [--since TIME] [--limit N] [--json]
                                              the local log, oldest first
  kerntel events  [--config FILE] [--json]    what is watched, and the books of each event

--since takes an RFC 3339 time (2026-08-01T12:00:00Z) or an age (90s, 15m, 2h, 7d).
Exit codes: 0 clean, 1 failed, 2 usage or configuration.`.split("\n");

/** Runs the command in `args` and returns the exit code; every error ends as one sentence on stderr. */
export async function runCommand(args: readonly string[], environment: CommandEnvironment): Promise<number> {
  const [name = "", ...rest] = args;
  // Only the program that watches reads its configuration again.
  if (name !== "run") environment.hangups.release();
  if (name === "help" || name === "--help" || name === "-h") return showUsage(environment);
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined)
      throw new UsageError(name === "" ? "no command given" : `unknown command "${name}"`);
    const values = parseValues(command, rest);
    if (values["help"] === true) return await showUsage(environment);
    const run = await command.load();
    return await run(values, environment);
  } catch (error) {
    return explain(error, environment);
  }
}

function parseValues(command: CommandDefinition, args: readonly string[]): CommandValues {
  try {
    return parseArgs({ args: [...args], options: command.options, strict: true }).values as CommandValues;
  } catch (error) {
    // Some of Node's messages have several lines.
    const reason = error instanceof Error ? error.message.replaceAll("\n", " ") : String(error);
    throw new UsageError(reason, { cause: error });
  }
}

async function showUsage({ out }: CommandEnvironment): Promise<number> {
  for (const line of usage) await out.deliver(line, "text");
  await out.delivered();
  return EXIT_CLEAN;
}

function explain(error: unknown, { err }: CommandEnvironment): number {
  if (error instanceof UsageError) {
    for (const line of [`kerntel: ${error.message}`, "", ...usage]) err.writeLine(line);
    return EXIT_USAGE;
  }
  if (error instanceof ConfigError) {
    const [first = "", ...others] = error.mistakes.map(formatMistake);
    for (const line of [`kerntel: ${first}`, ...others]) err.writeLine(line);
    return EXIT_USAGE;
  }
  err.writeLine(`kerntel: ${error instanceof Error ? error.message : String(error)}`);
  return EXIT_FAILED;
}
