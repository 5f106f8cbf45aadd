/** `kerntel query`: the local log, from the running program or, when none runs, from the files. */
import type { Output } from "#exporters/console/output.ts";
import { explainContainerId } from "#exporters/container-id.ts";
import { openLogReader } from "#exporters/local-log/log-reader.ts";
import { logDirectory } from "../pipeline/state-directory.ts";
import { askRunning } from "../control/client.ts";
import { ControlError } from "../control/control-error.ts";
import { queryLines } from "../control/query-lines.ts";
import { chooseEvents } from "./chosen-events.ts";
import { EXIT_CLEAN, UsageError, textOption } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";
import { receiverSockets } from "./receiver-sockets.ts";
import { parseSince } from "./since.ts";

/** What is asked, as the running program's `/query` takes it. */
type Question = Readonly<Record<string, string>>;

export async function query(values: CommandValues, environment: CommandEnvironment): Promise<number> {
  const { config, events } = await chooseEvents(values, environment);
  const question = buildQuestion(values, [...events.keys()]);
  const format = values["json"] === true ? "json" : "text";
  const sockets = receiverSockets(config.stateDirectory, values, environment);
  for await (const line of readLines({ ...config, sockets }, question, environment.err)) {
    // A reader that has seen enough, as `head`, ends the query and is no error.
    if (!(await environment.out.deliver(line, format))) break;
  }
  await environment.out.delivered();
  return EXIT_CLEAN;
}

interface Place {
  readonly stateDirectory: string;
  readonly sockets: readonly string[];
}

async function* readLines(
  { stateDirectory, sockets }: Place,
  question: Question,
  err: Output,
): AsyncGenerator<string> {
  try {
    yield* askRunning(sockets, { path: "/query", query: question });
    return;
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== "CONTROL_NOT_RUNNING") throw error;
  }
  const log = await openLogReader({
    directory: logDirectory(stateDirectory),
    onWarning: (message) => {
      err.writeLine(`kerntel: ${message}\n`);
    },
  });
  yield* queryLines(log, new URLSearchParams(question));
  if (log.unreadable > 0)
    err.writeLine(`kerntel: ${log.unreadable} stored log records are damaged and cannot be read\n`);
}

function buildQuestion(values: CommandValues, events: readonly string[]): Question {
  const format = values["json"] === true ? "json" : "text";
  const event = checkEvent(textOption(values, "event"), events);
  const container = checkContainer(textOption(values, "container"));
  const limit = checkText(values, "limit", /^[1-9][0-9]{0,8}$/, "a number from 1 up");
  const since = textOption(values, "since");
  const sinceMs = since === undefined ? undefined : String(parseSince(since));
  const question = Object.entries({ format, event, container, limit, since: sinceMs });
  return Object.fromEntries(question.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function checkEvent(text: string | undefined, events: readonly string[]): string | undefined {
  if (text === undefined) return undefined;
  const name = text.replace(/^kerntel\./, "");
  if (events.includes(name)) return `kerntel.${name}`;
  throw new UsageError(`--event ${text}: there is no such event, only ${events.join(", ")}`);
}

function checkContainer(text: string | undefined): string | undefined {
  const reason = text === undefined ? undefined : explainContainerId(text);
  if (reason === undefined) return text;
  throw new UsageError(`--container ${text}: this ${reason}`);
}

function checkText(values: CommandValues, name: string, pattern: RegExp, wanted: string): string | undefined {
  const text = textOption(values, name);
  if (text === undefined || pattern.test(text)) return text;
  throw new UsageError(`--${name} ${text}: ${wanted} is wanted`);
}
