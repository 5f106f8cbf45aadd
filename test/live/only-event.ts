/** Configuration with one event on and all others off, so that a start is quick and nothing else speaks. */
import { readdirSync } from "node:fs";

const names = readdirSync(new URL("../../events", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** `settings` as in YAML's flow style, for instance `limit_per_second: 0`. */
export function onlyEvent(event: string, settings = "enabled: true"): string {
  return names
    .map((name) => `      ${name}: { ${name === event ? settings : "enabled: false"} }`)
    .join("\n");
}
