/** Every place of a file that has a declaration: what the whole schema has, so that a new setting is found by itself. */
import { stringify } from "yaml";
import { makeFileSchema } from "#otel-config/file-schema.ts";
import type { Declarations } from "#otel-config/declaration.ts";

export type Place = readonly (string | number)[];

interface PartOfSchema {
  readonly properties?: Readonly<Record<string, PartOfSchema>>;
  readonly items?: PartOfSchema;
}

/** Places whose section and key are the same as those of another one are left out. */
export function listPlaces(declarations: Declarations): Place[] {
  const places = new Map<string, Place>();
  const walk = (schema: PartOfSchema, path: Place): void => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      const place = [...path, key];
      const name = JSON.stringify([key, inner]);
      if (!places.has(name)) places.set(name, place);
      walk(inner, place);
    }
    if (schema.items !== undefined) walk(schema.items, [...path, 0]);
  };
  walk(makeFileSchema(declarations), []);
  return [...places.values()];
}

const PLANT = "PLANTED";

/** A file with nothing but this place, where `yaml` stands as it is. */
export function writeFileWith(place: Place, yaml: string): string {
  const [first] = place;
  const value = place.reduceRight<unknown>(
    (inner, key) => (typeof key === "number" ? [inner] : { [key]: inner }),
    PLANT,
  );
  const head = first === "file_format" ? "" : 'file_format: "1.0"\n';
  return head + stringify(value, { lineWidth: 0 }).replace(PLANT, () => yaml);
}
