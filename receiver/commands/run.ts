/** `kerntel run`: watch until SIGINT or SIGTERM. */
import { startProgram } from "../program.ts";
import type { EventReport } from "../tracing/traced-event.ts";
import { createConsoleWriter } from "#exporters/console/console-writer.ts";
import { formatMistake } from "#otel-config/mistake.ts";
import { chooseEvents } from "./chosen-events.ts";
import { EXIT_CLEAN, EXIT_FAILED } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";
import { reloadOnSignal } from "./reload-signal.ts";
import { waitForStop } from "./stop-signal.ts";
import { formatTable } from "./table.ts";

export async function run(values: CommandValues, environment: CommandEnvironment): Promise<number> {
  const { config, events } = chooseEvents(values, environment);
  const { out, err } = environment;
  const hasConsole = config.logProcessors.some(({ exporter }) => exporter.name === "console");
  const asJson = values["json"] === true || hasConsole;
  const write = (line: string): void => void err.write(line);
  for (const warning of config.warnings) write(`kerntel: ${formatMistake(warning)}\n`);

  const stop = waitForStop(out);
  await using program = await startProgram({
    config,
    events,
    write,
    screens: [
      createConsoleWriter({ stream: err }),
      ...(asJson ? [createConsoleWriter({ stream: out, format: "json" })] : []),
    ],
  });
  const reports = program.reports();
  write(formatStates(reports));
  if (program.missingRequirement !== undefined)
    write(explainRequirement(program.missingRequirement, reports));
  if (reports.every(({ state }) => state === "unsupported" || state === "disabled")) {
    write("kerntel: no event can run here\n");
    return EXIT_FAILED;
  }
  const reloads = reloadOnSignal({
    program,
    config,
    choose: () => chooseEvents(values, environment),
    write,
  });
  write("kerntel: ready\n");
  await stop;
  await reloads[Symbol.asyncDispose]();
  return EXIT_CLEAN;
}

function formatStates(reports: readonly EventReport[]): string {
  const rows = reports.map(({ name, state, hook, reason }) => [name, state, hook === "" ? reason : hook]);
  return formatTable([["EVENT", "STATE", "HOOK OR REASON"], ...rows]);
}

function explainRequirement(missing: string, reports: readonly EventReport[]): string {
  const affected = reports.filter(({ state }) => state === "unsupported").map(({ name }) => name);
  return `kerntel: ${missing}; without it these events cannot run: ${affected.join(", ")}\n`;
}
