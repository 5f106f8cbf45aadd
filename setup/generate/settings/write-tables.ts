/** Tables of settings in a README, each between two markers: `<!-- settings:begin SUBJECT … -->` and `<!-- settings:end -->`. */
import { format, resolveConfig } from "prettier";
import type { DeclaredExporter, SettingGroup } from "#otel-config/declaration.ts";
import { code, describeRelations, describeType, writeDefault } from "./describe-setting.ts";
import type { SubjectPart } from "./subjects.ts";

const section = /(?<=^<!-- settings:begin (\S+(?: \S+)*) -->\n).*?(?=^<!-- settings:end -->$)/gms;

/** The subject of a table that lists all exporters. */
export const LIST = "exporters";

/** The subjects that the README has tables of. Throws where a marker has no end. */
export function tableSubjects(path: string, readme: string): string[] {
  const sections = [...readme.matchAll(section)];
  if (sections.length !== readme.split("<!-- settings:begin").length - 1)
    throw new Error(`${path}: a line <!-- settings:begin … --> has no line <!-- settings:end --> below it`);
  return sections.flatMap(([, names = ""]) => names.split(" "));
}

/** The README with new tables. */
export async function fillTables(
  path: string,
  readme: string,
  subjects: ReadonlyMap<string, readonly SubjectPart[]>,
  exporters: readonly DeclaredExporter[],
): Promise<string> {
  const options = { ...(await resolveConfig(path)), parser: "markdown" };
  const tables = new Map<string, string>();
  for (const names of new Set([...readme.matchAll(section)].map(([, found = ""]) => found))) {
    const parts = names.split(" ").flatMap((name) => subjects.get(name) ?? []);
    tables.set(names, await format(names === LIST ? writeList(exporters) : writeTable(parts), options));
  }
  return readme.replaceAll(section, (_, names: string) => `\n${tables.get(names) ?? ""}\n`);
}

function writeList(exporters: readonly DeclaredExporter[]): string {
  const rows = exporters.map(({ name, description, logs, metrics }) =>
    writeRow([
      code(name),
      (logs?.processors ?? []).map(code).join(", "),
      (metrics?.readers ?? []).map(code).join(", "),
      description,
    ]),
  );
  const head = ["Exporter", "Processors of log records", "Readers of metrics", "Where to"];
  return [writeRow(head), writeRow(head.map(() => "---")), ...rows].join("\n");
}

function writeTable(parts: readonly SubjectPart[]): string {
  const rows = parts.flatMap(({ prefix, group, of }) => writeRows(group, prefix, of));
  if (rows.length === 0) return "No settings.";
  // Several exporters in one table share most of their settings: each row stands there once.
  return [
    writeRow(["Key", "What it takes", "Default", "Meaning"]),
    writeRow(["---", "---", "---", "---"]),
    ...new Set(rows),
  ].join("\n");
}

function writeRows(group: SettingGroup, prefix: string, of?: string): string[] {
  return Object.entries(group.settings).flatMap(([name, setting]) => {
    const key = `${prefix}${setting.key ?? name}`;
    if (setting.group) return writeRows(setting.group, `${key}.`, of);
    const shown = writeDefault(setting);
    const meaning = [
      setting.description,
      ...describeRelations(group, name),
      ...(setting.secret ? ["Secret."] : []),
      ...(of === undefined ? [] : [`(${of})`]),
    ];
    return [
      writeRow([
        code(key),
        describeType(setting),
        shown === undefined ? (setting.otherwise ?? "none") : code(shown),
        meaning.join(" "),
      ]),
    ];
  });
}

function writeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "\\<").replaceAll("*", "\\*")).join(" | ")} |`;
}
