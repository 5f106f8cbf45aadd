/** `kerntel events`: what is watched, where it hooks in, the accounting of each event and that of each destination. */
import { askRunning } from "../control/client.ts";
import { ControlError } from "../control/control-error.ts";
import type { DestinationReport } from "../control/destination-report.ts";
import { outcomes } from "../tracing/contract.ts";
import { hookOrReason } from "../tracing/event-state.ts";
import type { EventReport } from "../tracing/traced-event.ts";
import { chooseEvents } from "./chosen-events.ts";
import { EXIT_CLEAN } from "./command.ts";
import type { CommandEnvironment, CommandValues } from "./command.ts";
import { receiverSockets } from "./receiver-sockets.ts";
import { formatTable } from "./table.ts";

export async function listEvents(values: CommandValues, environment: CommandEnvironment): Promise<number> {
  const { stateDirectory } = (await chooseEvents(values, environment)).config;
  const sockets = receiverSockets(stateDirectory, values, environment);
  const ask = (path: string): Promise<string[]> => askReceiver(stateDirectory, sockets, path);
  const lines = await ask("/events");
  const asJson = values["json"] === true;
  // Scripts take each line of JSON for an event; destinations are in the metrics and on the control socket for them.
  const shown = asJson ? lines : formatReports(lines.map((line) => JSON.parse(line) as EventReport));
  if (!asJson) {
    const destinations = await ask("/destinations");
    shown.push(...formatDestinations(destinations.map((line) => JSON.parse(line) as DestinationReport)));
  }
  for (const line of shown) await environment.out.deliver(line, asJson ? "json" : "text");
  await environment.out.delivered();
  return EXIT_CLEAN;
}

async function askReceiver(
  stateDirectory: string,
  sockets: readonly string[],
  path: string,
): Promise<string[]> {
  try {
    return await Array.fromAsync(askRunning(sockets, { path }));
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== "CONTROL_NOT_RUNNING") throw error;
    const message = `no kerntel is running with the state directory ${stateDirectory}; start it with "kerntel run"`;
    throw new ControlError(error.code, message, { cause: error });
  }
}

function formatReports(reports: readonly EventReport[]): string[] {
  const header = ["EVENT", "STATE", ...outcomes.map((outcome) => outcome.toUpperCase()), "HOOK OR REASON"];
  const rows = reports.map((report) => [
    report.name,
    report.state,
    ...outcomes.map((outcome) => String(report[outcome])),
    hookOrReason(report),
  ]);
  return [...formatTable([header, ...rows])];
}

/** Nothing where log records go nowhere beside the local log. */
export function formatDestinations(reports: readonly DestinationReport[]): readonly string[] {
  if (reports.length === 0) return [];
  const counts = ["exported", "rejected", "expired", "unreadable", "pending"] as const;
  const header = ["DESTINATION", "STATE", ...counts.map((count) => count.toUpperCase()), "REASON"];
  const rows = reports.map((report) => [
    report.destination,
    report.state,
    ...counts.map((count) => String(report[count])),
    report.reason,
  ]);
  return ["", ...formatTable([header, ...rows])];
}
