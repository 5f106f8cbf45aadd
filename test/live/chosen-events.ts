/** Which events a test's program watches: a start with all of them takes several times as long. */
import { readdirSync } from "node:fs";
import { parse } from "yaml";

const events = readdirSync(new URL("../../events", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** All of them, with their defaults. */
export const everyEvent: string = events.map((name) => `      ${name}: {}`).join("\n");

/** Names of the events that a part of a configuration is about: YAML below `events`, indented by six. */
export function namesOf(wanted: string): readonly string[] {
  return Object.keys(parse(wanted) as object);
}

/** The same part of the configuration with all other events switched off; nothing where it is empty: all watch. */
export function onlyThese(wanted: string): string {
  if (wanted === "") return "";
  const names = namesOf(wanted);
  const others = events.filter((name) => !names.includes(name));
  return [wanted, ...others.map((name) => `      ${name}: { enabled: false }`)].join("\n");
}
