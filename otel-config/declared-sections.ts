/** Where the file has settings that are declared. Works on whatever the file has, also where the schema has found it wrong. */
import type { Declarations, Setting, SettingGroup } from "./declaration.ts";
import type { Path } from "./document.ts";

export interface DeclaredSection {
  readonly group: SettingGroup;
  readonly path: Path;
  /** What the file has there. */
  readonly section: Readonly<Record<string, unknown>>;
}

export interface GivenSetting {
  readonly setting: Setting;
  readonly value: unknown;
  readonly path: Path;
}

/** Exporters, sources and events, with the groups inside of them. */
export function findDeclaredSections(file: unknown, declarations: Declarations): DeclaredSection[] {
  const { exporters, sources, events } = declarations;
  const kerntel = ["distribution", "kerntel"];
  const places: (readonly [group: SettingGroup | undefined, path: Path])[] = [
    ...findExporterPlaces(
      file,
      ["logger_provider", "processors"],
      (name) => exporters.find((exporter) => exporter.name === name)?.logs,
    ),
    ...findExporterPlaces(
      file,
      ["meter_provider", "readers"],
      (name) => exporters.find((exporter) => exporter.name === name)?.metrics,
    ),
    ...exporters.map(({ logs }) => [logs, [...kerntel, logs?.ownSection?.key ?? ""]] as const),
    ...sources.map((source) => [source, [...kerntel, "containers", source.name]] as const),
    ...Object.entries(events).map(
      ([name, settings]) => [{ settings }, [...kerntel, "events", name]] as const,
    ),
  ];
  return places.flatMap(([group, path]) =>
    group === undefined ? [] : findInside(group, path, dig(file, path)),
  );
}

/** All that the file gives of a section, with the declaration of each. */
export function givenSettings({ group, path, section }: DeclaredSection): GivenSetting[] {
  return Object.entries(group.settings).flatMap(([name, setting]) => {
    const key = setting.key ?? name;
    return key in section ? [{ setting, value: section[key], path: [...path, key] }] : [];
  });
}

function findExporterPlaces(
  file: unknown,
  listPath: readonly string[],
  find: (name: string) => SettingGroup | undefined,
): (readonly [SettingGroup | undefined, Path])[] {
  return listOf(file, listPath).flatMap((component, index) =>
    Object.entries(isObject(component) ? component : {}).flatMap(([kind, body]) =>
      Object.keys(asObject(dig(body, ["exporter"]))).map(
        (name) => [find(name), [...listPath, index, kind, "exporter", name]] as const,
      ),
    ),
  );
}

function findInside(group: SettingGroup, path: Path, found: unknown): DeclaredSection[] {
  // A key with nothing behind it has all of its defaults.
  const section = found === null ? {} : found;
  if (!isObject(section)) return [];
  const own = { group, path, section };
  const inner = givenSettings(own).flatMap(({ setting, value, path: place }) =>
    setting.group ? findInside(setting.group, place, value) : [],
  );
  return [own, ...inner];
}

export function listOf(value: unknown, path: Path): readonly unknown[] {
  const found = dig(value, path);
  return Array.isArray(found) ? found : [];
}

export function dig(value: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (isObject(inner) ? inner[key as string] : undefined), value);
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
