/** `kerntel query`: the local log, from the running program or, when none runs, from the files. */
import { existsSync } from "node:fs";
import type { Writable } from "node:stream";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { logDirectory } from "#otel-config/pipeline.ts";
import { askRunning } from "#receiver/control/client.ts";
import { ControlError } from "#receiver/control/control-error.ts";
import { controlPath } from "#receiver/control/path.ts";
import { queryLines } from "#receiver/control/query-lines.ts";
import { chooseEvents } from "./chosen-events.ts";
import { EXIT_CLEAN, UsageError, textOption } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";
import { parseSince } from "./since.ts";

/** What is asked, as the running program's `/query` takes it. */
type Question = Readonly<Record<string, string>>;

export async function query(values: CommandValues, environment: CommandEnvironment): Promise<number> {
  const { config, events } = chooseEvents(values, environment);
  const question = buildQuestion(values, [...events.keys()]);
  for await (const line of readLines(config.stateDirectory, question)) {
    if (!environment.out.writable) break;
    if (!environment.out.write(`${line}\n`)) await drained(environment.out);
  }
  return EXIT_CLEAN;
}

async function* readLines(stateDirectory: string, question: Question): AsyncGenerator<string> {
  try {
    yield* askRunning(controlPath(stateDirectory), "/query", question);
    return;
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== "CONTROL_NOT_RUNNING") throw error;
  }
  const directory = logDirectory(stateDirectory);
  if (!existsSync(directory)) throw new Error(`there is no local log in ${stateDirectory}`);
  const log = await openLocalLog({ directory });
  try {
    yield* queryLines(log, new URLSearchParams(question));
  } finally {
    await log.close();
  }
}

function buildQuestion(values: CommandValues, events: readonly string[]): Question {
  const event = textOption(values, "event")?.replace(/^kerntel\./, "");
  const container = textOption(values, "container");
  const since = textOption(values, "since");
  const limit = textOption(values, "limit");
  if (event !== undefined && !events.includes(event)) {
    throw new UsageError(`--event ${event}: there is no such event, only ${events.join(", ")}`);
  }
  if (container !== undefined && !/^[0-9a-f]{12,64}$/.test(container)) {
    throw new UsageError(
      `--container ${container}: a container id is wanted, 12 to 64 hexadecimal digits of it`,
    );
  }
  if (limit !== undefined && !/^[1-9][0-9]{0,8}$/.test(limit)) {
    throw new UsageError(`--limit ${limit}: a number from 1 up is wanted`);
  }
  return {
    format: values["json"] === true ? "json" : "text",
    ...(event === undefined ? {} : { event: `kerntel.${event}` }),
    ...(container === undefined ? {} : { container }),
    ...(since === undefined ? {} : { since: String(parseSince(since)) }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function drained(out: Writable): Promise<void> {
  return new Promise((resolve) => {
    out.once("drain", resolve);
    // Whoever reads may go away, as `head` does.
    out.once("close", resolve);
  });
}
