/** `default.yaml`: every setting of everything, switched off, with its default and its sentence. */
import { stringify } from "yaml";
import { withDefaults } from "#otel-config/components.ts";
import { withEnabled } from "#otel-config/declaration.ts";
import type { Declarations, DeclaredExporter, Setting, SettingGroup } from "#otel-config/declaration.ts";
import {
  batchGroup,
  containersGroup,
  kerntelGroup,
  periodicGroup,
  recordLimitsGroup,
  topGroup,
} from "#otel-config/file-settings.ts";
import { describeRange, describeRelations, writeDefault, writeValue } from "./describe-setting.ts";

const WIDTH = 116;

const head = `# Every setting of Kerntel with its default. Reading this file is the same as having none.
# The format is OpenTelemetry's declarative configuration; any value may be \${NAME} or \${NAME:-default}, replaced by
# an environment variable. Wrong or unknown keys are refused with their line.
#
# A # without a space behind it switches a setting off: remove it to change the setting. A block that is switched off
# has one # at each of its lines. Inside such a block, a setting that excludes an earlier one has a second #.
# Generated from what every part declares: npm run generate.
# yaml-language-server: $schema=./kerntel.schema.json

# Version of the format, in quotes: "1.0" or "1.1".
file_format: "1.0"
`;

/** Lines of YAML that say what they say when they are switched on; remarks among them begin with `# `. */
type Lines = readonly string[];

export function writeDefaults({ exporters, sources, events }: Declarations): string {
  const parts: Lines[] = [
    off(writeGroup(topGroup)),
    [
      "",
      ...remark(
        "Attributes added to those of the host (host.name, host.id, host.arch, os.*); they win over them.",
      ),
      ...off(resourceLines),
    ],
    [
      "",
      "# Where log records go. Each one is in the local log first, whatever is written here.",
      "logger_provider:",
    ],
    indent(
      [
        ...remark("Limits of log records; what is given here wins over attribute_limits."),
        ...off(["limits:", ...indent(writeGroup(recordLimitsGroup), 2)]),
        "",
        "processors:",
      ],
      2,
    ),
    ...exporters.map((exporter) => indent(writeProcessor(exporter), 4)),
    ["", "# Where metrics go. Without this section: Prometheus, as here.", "meter_provider:", "  readers:"],
    ...exporters.filter(isPulled).map((exporter) => indent(writeReader(exporter), 4)),
    ...exporters
      .filter((exporter) => !isPulled(exporter))
      .map((exporter) => indent(writeReader(exporter), 4)),
    ["", "distribution:", "  kerntel:"],
    indent(off(writeGroup(kerntelGroup)), 4),
    ...exporters.map((exporter) => indent(writeOwnSection(exporter), 4)),
    [
      "",
      "    # Container runtimes and the kubelet, which name containers and pods. All of it changes at SIGHUP.",
      "    containers:",
    ],
    indent(off(writeGroup(containersGroup)), 6),
    ...sources.map((source) => indent(writeSection(source.name, withEnabled(source), source.description), 6)),
    ["", "    # What is watched; `kerntel events` lists it.", "    events:"],
    ...Object.entries(events).map(([name, settings]) =>
      indent(writeSection(name, withEnabled({ settings })), 6),
    ),
  ];
  const lines = parts.flat();
  // No empty line below the key of what follows.
  const kept = lines.filter((line, index) => line !== "" || !lines[index - 1]?.endsWith(":"));
  return `${head}\n${kept.join("\n").trim()}\n`;
}

const resourceLines: Lines = [
  "resource:",
  "  attributes:",
  "    - name: deployment.environment.name",
  "      value: production",
  "      # string (default), bool, int, double, and each of them with _array.",
  "      type: string",
  "  # More of them as text, percent-encoded; an entry above wins.",
  "  attributes_list: ${OTEL_RESOURCE_ATTRIBUTES}",
];

/** The local log is there anyway, so that its entry can be: what tunes it is one line away. */
function writeProcessor({ name, description, logs }: DeclaredExporter): Lines {
  if (logs === undefined) return [];
  const { processors, ownSection } = logs;
  const simple = processors.includes("simple")
    ? " Also possible: `simple` in place of `batch`, which sends each record by itself."
    : "";
  const title = ["", ...remark(`${description}${simple}`)];
  if (ownSection) {
    const batch = off(writeGroup(withDefaults(batchGroup, ownSection.batchDefaults)));
    return [
      ...title,
      "- batch:",
      ...indent(batch, 4),
      "    exporter:",
      `      ${name}:`,
      ...indent(off(writeGroup(logs)), 8),
    ];
  }
  const body = [
    ...indent(writeGroup(batchGroup), 4),
    "    exporter:",
    `      ${name}:`,
    ...indent(writeGroup(logs), 8),
  ];
  return [...title, ...off(["- batch:", ...body])];
}

function writeReader({ name, description, metrics }: DeclaredExporter): Lines {
  if (metrics === undefined) return [];
  const exporter = ["    exporter:", `      ${name}:`];
  const title = ["", ...remark(description)];
  if (metrics.readers.includes("pull"))
    return [...title, "- pull:", ...exporter, ...indent(off(writeGroup(metrics)), 8)];
  const body = [...indent(writeGroup(periodicGroup), 4), ...exporter, ...indent(writeGroup(metrics), 8)];
  return [...title, ...off(["- periodic:", ...body])];
}

function isPulled({ metrics }: DeclaredExporter): boolean {
  return metrics?.readers.includes("pull") === true;
}

/** The same settings as at the exporter, so that they are shown there. */
function writeOwnSection({ name, logs }: DeclaredExporter): Lines {
  if (!logs?.ownSection) return [];
  return [
    "",
    ...remark(`The same as at the exporter ${name}; each key in one of both places.`),
    ...off([`${logs.ownSection.key}: {}`]),
  ];
}

function writeSection(name: string, group: SettingGroup, description = ""): Lines {
  return [
    "",
    ...(description === "" ? [] : remark(description)),
    `${name}:`,
    ...indent(off(writeGroup(group)), 2),
  ];
}

function writeGroup(group: SettingGroup): Lines {
  return Object.entries(group.settings).flatMap(([name, setting]) => {
    const lines = writeSetting(name, setting);
    const isExcluded = (group.exclusive ?? []).some((names) => isExcludedBy(group, name, names));
    const text = [setting.description, ...describeLeft(setting), ...describeRelations(group, name)].join(" ");
    return remark(text.replaceAll("`", "")).concat(isExcluded ? off(lines) : lines);
  });
}

/** The first alternative that a group declares in its settings is the one that is shown switched on. */
function isExcludedBy(group: SettingGroup, name: string, names: readonly string[]): boolean {
  const first = Object.keys(group.settings).find((each) => names.includes(each));
  const joined = (group.together ?? []).filter((list) => list.includes(name)).flat();
  return (
    first !== undefined &&
    name !== first &&
    [name, ...joined].some((each) => each !== first && names.includes(each))
  );
}

function writeSetting(name: string, setting: Setting): Lines {
  const key = setting.key ?? name;
  if (setting.group) return [`${key}:`, ...indent(writeGroup(setting.group), 2)];
  const shown = writeDefault(setting);
  if (shown !== undefined) return [`${key}: ${shown}`];
  const { example = setting.default } = setting;
  if (example === undefined) throw new Error(`the setting ${key} has neither a default nor an example`);
  if (setting.type !== "headers") return [`${key}: ${writeValue(example)}`];
  return [`${key}:`, ...indent(stringify(example).trim().split("\n"), 2)];
}

/** What may stand there, and what holds where the value that is shown is only an example. */
function describeLeft(setting: Setting): string[] {
  if (setting.group || setting.type === "boolean") return [];
  const isExample = writeDefault(setting) === undefined && setting.example !== undefined;
  const isNumber = setting.type === "integer" || setting.type === "number";
  const words = setting.enum?.join(", ") ?? (isNumber ? describeRange(setting).trim() : "");
  return [
    ...(words === "" ? [] : [`Allowed: ${words}.`]),
    ...(isExample ? [`Default: ${setting.otherwise ?? "none"}.`] : []),
  ];
}

function remark(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH - 16) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Remarks at the level of a single setting stay as they are; all else, and what is inside of a block, gets a `#`. */
function off(lines: Lines): Lines {
  return lines.map((line) => (line === "" || line.startsWith("# ") ? line : `#${line}`));
}

function indent(lines: Lines, spaces: number): Lines {
  return lines.map((line) => (line === "" ? line : " ".repeat(spaces) + line));
}
