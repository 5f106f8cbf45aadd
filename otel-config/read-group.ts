/** Reads a section of the file by its declaration: a value for each setting, the user's or the default. */
import type { Setting, SettingGroup } from "./declaration.ts";
import { formats } from "./formats.ts";

/** By the settings' names in the code. Those that have neither a value nor a default are left out. */
export type SettingValues = Readonly<Record<string, unknown>>;

/** The schema has accepted the section. */
export function readGroup({ settings }: SettingGroup, section: unknown): SettingValues {
  const given = (section ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, setting]) => {
      const value = readValue(setting, given[setting.key ?? name]);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function readValue(setting: Setting, value: unknown): unknown {
  if (setting.group) return readGroup(setting.group, value);
  // `${UNSET}` leaves null behind, and "${UNSET}" in quotes an empty text.
  const isLeftOut = value === null || value === undefined || (value === "" && setting.default === undefined);
  if (isLeftOut) return setting.default;
  if (setting.type === "headers") return readHeaders(value as readonly Header[]);
  const read = formats[setting.format ?? ""]?.read;
  return read && typeof value === "string" ? read(value) : value;
}

interface Header {
  readonly name: string;
  readonly value: string | null;
}

/** A header without a value is left out. */
function readHeaders(headers: readonly Header[]): Readonly<Record<string, string>> {
  return Object.fromEntries(headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])));
}
