/** `kerntel events`: what is watched, where it hooks in, and the books of each event. */
import { askRunning } from "../control/client.ts";
import { ControlError } from "../control/control-error.ts";
import { controlPath } from "../control/path.ts";
import { outcomes } from "../tracing/contract.ts";
import { hookOrReason } from "../tracing/event-state.ts";
import type { EventReport } from "../tracing/traced-event.ts";
import { chooseEvents } from "./chosen-events.ts";
import { EXIT_CLEAN } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";
import { formatTable } from "./table.ts";

export async function listEvents(values: CommandValues, environment: CommandEnvironment): Promise<number> {
  const { stateDirectory } = chooseEvents(values, environment).config;
  const lines = await askEvents(stateDirectory);
  const asJson = values["json"] === true;
  const shown = asJson ? lines : formatReports(lines.map((line) => JSON.parse(line) as EventReport));
  for (const line of shown) await environment.out.deliver(line, asJson ? "json" : "text");
  await environment.out.delivered();
  return EXIT_CLEAN;
}

async function askEvents(stateDirectory: string): Promise<string[]> {
  try {
    return await Array.fromAsync(askRunning(controlPath(stateDirectory), "/events"));
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== "CONTROL_NOT_RUNNING") throw error;
    const message = `no kerntel is running with the state directory ${stateDirectory}; start it with "kerntel run"`;
    throw new ControlError(error.code, message, { cause: error });
  }
}

function formatReports(reports: readonly EventReport[]): readonly string[] {
  const header = ["EVENT", "STATE", ...outcomes.map((outcome) => outcome.toUpperCase()), "HOOK OR REASON"];
  const rows = reports.map((report) => [
    report.name,
    report.state,
    ...outcomes.map((outcome) => String(report[outcome])),
    hookOrReason(report),
  ]);
  return formatTable([header, ...rows]);
}
