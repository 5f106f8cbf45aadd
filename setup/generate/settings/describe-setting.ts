/** A setting in words. */
import { stringify } from "yaml";
import { keyOf } from "#otel-config/declaration.ts";
import type { Setting, SettingGroup } from "#otel-config/declaration.ts";

const LONGEST_MS = 2_147_483_647;

/** As `whole number from 1 to 3600 s`, or the words it may be. */
export function describeType(setting: Setting): string {
  const { type } = setting;
  if (setting.enum && setting.enum.length > 8) return `one of ${setting.enum.length} words`;
  if (setting.enum) return joinWords(setting.enum.map(code));
  return `${types[type] ?? type}${describeRange(setting)}`;
}

/** The default in one line of YAML; undefined where there is none. */
export function writeDefault(setting: Setting): string | undefined {
  const { default: value, type } = setting;
  const isEmpty =
    value === undefined ||
    value === "" ||
    (typeof value === "object" && Object.keys(value ?? {}).length === 0);
  return isEmpty || type === "object" ? undefined : writeValue(value);
}

export function writeValue(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }).trim();
}

/** What excludes the setting, and what must stand beside it. */
export function describeRelations(group: SettingGroup, name: string): string[] {
  const others = (lists: SettingGroup["exclusive"]): string[] =>
    (lists ?? [])
      .filter((names) => names.includes(name))
      .flatMap((names) => names.filter((other) => other !== name).map((other) => code(keyOf(group, other))));
  const [excluded, needed] = [others(group.exclusive), others(group.together)];
  return [
    ...(excluded.length > 0 ? [`Not together with ${joinWords(excluded)}.`] : []),
    ...(needed.length > 0 ? [`Only together with ${joinWords(needed)}.`] : []),
  ];
}

export function code(value: unknown): string {
  return `\`${String(value)}\``;
}

const types: Readonly<Record<string, string>> = {
  boolean: "true or false",
  integer: "whole number",
  number: "number",
  string: "text",
  array: "list",
  headers: "list of `name` and `value`",
};

/** UCUM says these in signs. */
const units: Readonly<Record<string, string>> = {
  MiBy: "MiB",
  d: "days",
  "{attribute}": "attributes",
  "{character}": "characters",
  "{record}": "log records",
  "{record}/s": "log records a second",
  "1": "",
};

/** As ` from 1 to 3600 s`; empty where there is no limit. */
export function describeRange({ minimum, exclusiveMinimum, maximum, unit = "1" }: Setting): string {
  const low = exclusiveMinimum === undefined ? "" : ` above ${exclusiveMinimum}`;
  const from = minimum === undefined ? low : ` from ${minimum}`;
  // Node's timers end there; no reader needs to know.
  const isEndless = maximum === undefined || maximum === LONGEST_MS;
  const to = exclusiveMinimum === undefined ? ` to ${maximum}` : ` and up to ${maximum}`;
  const words = units[unit] ?? unit;
  return `${from}${isEndless ? "" : to}${words === "" ? "" : ` ${words}`}`;
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
