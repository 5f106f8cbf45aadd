/** `events/index.ts`, and the tables of events in two READMEs, each between `<!-- events:begin -->` and `<!-- events:end -->`. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { format, resolveConfig } from "prettier";
import { settleFiles } from "#bpf/layout/generated-files.ts";
import { listEvents } from "./listed-events.ts";
import type { ListedEvent } from "./listed-events.ts";

/** `hook` adds a column. */
const section = /(?<=^<!-- events:begin( hook)? -->\n).*?(?=^<!-- events:end -->$)/ms;

/** Answers the files that differed. Throws where a README has no place for the table, or an event is not complete. */
export async function generateEventLists(root: string, isCheck: boolean): Promise<string[]> {
  const events = listEvents(root);
  const options = await resolveConfig(join(root, "events/index.ts"));
  const index = {
    path: "events/index.ts",
    text: await format(writeIndex(events), { ...options, parser: "typescript" }),
  };
  const readmes = ["README.md", "events/README.md"].map(async (path) => ({
    path,
    text: await fillTable(root, path, events),
  }));
  return settleFiles(root, [index, ...(await Promise.all(readmes))], isCheck);
}

function writeIndex(events: readonly ListedEvent[]): string {
  return [
    '// Generated from the folders beside it: add one, then run "npm run generate".',
    'import { registerEventTracing } from "#receiver/tracing/registry.ts";',
    ...events.map(({ name, factory }) => `import { ${factory} } from "./${name}/event.ts";`),
    "",
    "export function registerEvents(): void {",
    ...events.map(({ name, factory }) => `registerEventTracing("${name}", ${factory});`),
    "}",
  ].join("\n");
}

async function fillTable(root: string, path: string, events: readonly ListedEvent[]): Promise<string> {
  const readme = readFileSync(join(root, path), "utf8");
  const found = section.exec(readme);
  if (!found)
    throw new Error(`${path} needs a line <!-- events:begin --> and below it a line <!-- events:end -->`);
  const folder = posix.relative(posix.dirname(path), "events");
  const rows = events.map(({ name, hook, summary }) => [
    `[${name}](${posix.join(folder, name, "README.md")})`,
    ...(found[1] === undefined ? [] : [hook]),
    summary,
  ]);
  const head = ["event", ...(found[1] === undefined ? [] : ["hook"]), "what"];
  const table = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const text = await format(table, { ...(await resolveConfig(path)), parser: "markdown" });
  return readme.replace(section, () => `\n${text}\n`);
}
