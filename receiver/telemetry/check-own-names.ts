/** Names that we define stay out of OpenTelemetry's namespaces, and those of an event in its own. */
import type { TelemetryFile } from "./definition.ts";
import { attributesOf, signalsOf } from "./places.ts";
import { programPath } from "./read-telemetry.ts";
import { isStandardNamespace } from "./standard-names.ts";

const ownNamespace = "kerntel.";

/** Sentences with their place; empty when the file keeps the rules. */
export function checkOwnNames(file: TelemetryFile): string[] {
  const event = file.path === programPath ? undefined : file.path.split("/").at(-2);
  const attributes = attributesOf(file)
    .filter(({ name }) => !name.startsWith(ownNamespace))
    .map(({ name, place }) => `${place}: ${name}: ${whyForeign(name)}own names begin with ${ownNamespace}`);
  return [...attributes, ...(event === undefined ? checkProgram(file) : checkEvent(file, event))];
}

function whyForeign(name: string): string {
  const root = name.split(".")[0] ?? name;
  return isStandardNamespace(root) ? `${root}. belongs to OpenTelemetry, ` : "";
}

function checkProgram(file: TelemetryFile): string[] {
  return signalsOf(file)
    .filter(({ name }) => !name.startsWith(ownNamespace))
    .map(({ name, place }) => `${place}: ${name} must begin with ${ownNamespace}`);
}

function checkEvent(file: TelemetryFile, event: string): string[] {
  const own = `${ownNamespace}${event}`;
  const dotted = attributesOf(file).filter(({ name }) => name.startsWith(ownNamespace));
  const misplaced = [...dotted, ...signalsOf(file).filter(({ section }) => section !== "events")]
    .filter(({ name }) => !name.startsWith(`${own}.`))
    .map(({ name, place }) => `${place}: ${name} must begin with ${own}.`);
  const misnamed = signalsOf(file)
    .filter(({ section, name }) => section === "events" && name !== own)
    .map(({ name, place }) => `${place}: ${name} must be ${own}, as its folder is called`);
  return [...misplaced, ...misnamed];
}
