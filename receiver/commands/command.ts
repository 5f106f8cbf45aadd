/** What a command is, and how it says that it was called wrongly. */
import type { Output } from "#exporters/console/output.ts";
import type { Hangups } from "../early-signals.ts";

/** What a command gets of the process it runs in. */
export interface CommandEnvironment {
  readonly variables: NodeJS.ProcessEnv;
  readonly out: Output;
  readonly err: Output;
  readonly hangups: Hangups;
}

export type CommandValues = Readonly<Record<string, string | boolean | undefined>>;

/** Returns the exit code. */
export type Command = (values: CommandValues, environment: CommandEnvironment) => Promise<number>;

export const EXIT_CLEAN = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {
  readonly code = "USAGE";
}

/** An option that takes a value. */
export function textOption(values: CommandValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}
