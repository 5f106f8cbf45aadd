/** `kerntel run`: watch until SIGINT or SIGTERM. */
import { url as debuggerUrl } from "node:inspector";
import { startProgram } from "../program.ts";
import { explainScarceDescriptors } from "../require-descriptors.ts";
import { hookOrReason } from "../tracing/event-state.ts";
import type { EventReport } from "../tracing/traced-event.ts";
import { formatRecordAsJson } from "#exporters/console/record-json.ts";
import { countFreeDescriptors } from "#exporters/descriptors.ts";
import { formatRecordAsLine } from "#exporters/console/record-line.ts";
import { formatMistake } from "#otel-config/mistake.ts";
import { chooseEvents } from "./chosen-events.ts";
import { EXIT_CLEAN, EXIT_FAILED } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";
import { reloadOnSignal } from "./reload-signal.ts";
import { waitForStop } from "./stop-signal.ts";
import { formatTable } from "./table.ts";

export async function run(values: CommandValues, environment: CommandEnvironment): Promise<number> {
  const { config, events } = await chooseEvents(values, environment);
  const { out, err, hangups } = environment;
  requireNoDebugger();
  const hasConsole = config.logProcessors.some(({ exporter }) => exporter.name === "console");
  const asJson = values["json"] === true || hasConsole;
  const write = (line: string): void => {
    err.writeLine(line);
  };
  for (const warning of config.warnings) write(`kerntel: ${formatMistake(warning)}\n`);

  const stop = waitForStop(out);
  await using program = await startProgram({
    config,
    events,
    write,
    outputs: { out, err },
    runDirectory: environment.variables["KERNTEL_RUN_DIR"],
    show: (record) => {
      err.writeLine(formatRecordAsLine(record));
      if (asJson) out.writeJsonLine(formatRecordAsJson(record));
    },
  });
  const reports = program.reports();
  for (const line of formatStates(reports)) write(line);
  const scarce = explainScarceDescriptors(countFreeDescriptors());
  if (scarce !== undefined) write(`kerntel: ${scarce}\n`);
  if (program.missingRequirement !== undefined)
    write(explainRequirement(program.missingRequirement, reports));
  if (!program.watchesKernel) {
    write("kerntel: no event can run here\n");
    return EXIT_FAILED;
  }
  const reloads = reloadOnSignal({
    program,
    config,
    choose: () => chooseEvents(values, environment),
    write,
    hangups,
  });
  await reloads.settled();
  write("kerntel: ready\n");
  const isFailed = await Promise.race([stop.then(() => false), program.failed.then(() => true)]);
  if (isFailed) write("kerntel: the local log cannot be trusted any longer: stopping\n");
  await reloads[Symbol.asyncDispose]();
  return isFailed ? EXIT_FAILED : EXIT_CLEAN;
}

/** NODE_OPTIONS can open Node's debugger, and nothing else would say so. */
function requireNoDebugger(): void {
  const url = debuggerUrl();
  if (url === undefined) return;
  throw new Error(
    `Node's debugger listens on ${url}, and who connects to it runs code with all capabilities of this program; start it without --inspect, also in NODE_OPTIONS`,
  );
}

function formatStates(reports: readonly EventReport[]): readonly string[] {
  const rows = reports.map((report) => [report.name, report.state, hookOrReason(report)]);
  return formatTable([["EVENT", "STATE", "HOOK OR REASON"], ...rows]);
}

function explainRequirement(missing: string, reports: readonly EventReport[]): string {
  const affected = reports.filter(({ state }) => state === "unsupported").map(({ name }) => name);
  return `kerntel: ${missing}; without it these events cannot run: ${affected.join(", ")}\n`;
}
