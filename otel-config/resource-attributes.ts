/** Reads `resource.attributes` and `resource.attributes_list`. */
import type { Attributes } from "@opentelemetry/api";
import { readPairs } from "./key-value-list.ts";

type AttributeValue = string | number | boolean | readonly (string | number | boolean)[];

export interface ResourceSection {
  readonly attributes?: readonly { readonly name: string; readonly value: AttributeValue | null }[];
  readonly attributes_list?: string | null;
}

/** `attributes` wins over `attributes_list`; an entry without a value is left out. */
export function readResourceAttributes(section: ResourceSection | undefined): Attributes {
  const listed = readPairs(section?.attributes_list ?? "") ?? [];
  const given = (section?.attributes ?? []).flatMap(({ name, value }) =>
    value === null ? [] : [[name, value] as const],
  );
  return Object.fromEntries([...listed, ...given]);
}

/** As the schema names them. */
export const attributeTypes: readonly string[] = ["string", "bool", "int", "double"].flatMap((type) => [
  type,
  `${type}_array`,
]);

export function isAttributeType(type: unknown): type is string {
  return typeof type === "string" && attributeTypes.includes(type);
}

/** Whether a value is of one of the schema's attribute types: `int`, `string_array`, … */
export function isOfType(value: unknown, type: unknown): boolean {
  // Another type is reported by the schema.
  if (!isAttributeType(type)) return true;
  if (type.endsWith("_array")) {
    return Array.isArray(value) && value.every((item) => isOfType(item, type.slice(0, -"_array".length)));
  }
  switch (type) {
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "int":
      return Number.isInteger(value);
    case "double":
      return typeof value === "number";
    default:
      return true;
  }
}
