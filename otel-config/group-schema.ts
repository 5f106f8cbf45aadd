/** Declared settings as JSON Schema (draft 2020-12). Null is what `${UNSET}` leaves behind, and means the default. */
import { keyOf } from "./declaration.ts";
import type { Setting, SettingGroup } from "./declaration.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Beyond the standard: `unsupported` and `notAbove`, which editors do not know and pass over. */
export function schemaOfGroup(group: SettingGroup, description?: string): JsonSchema {
  const keys = (names: readonly string[]): string[] => names.map((name) => keyOf(group, name));
  const { settings, exclusive = [], together = [], ordered = [], unsupported } = group;
  return {
    ...(description !== undefined && { description }),
    type: ["object", "null"],
    additionalProperties: false,
    ...(together.length > 0 && {
      dependentRequired: Object.fromEntries(together.flatMap((names) => requireOthers(keys(names)))),
    }),
    ...(exclusive.length > 0 && { allOf: exclusive.flatMap((names) => refusePairs(keys(names))) }),
    ...(ordered.length > 0 && { notAbove: Object.fromEntries(ordered.map(keys)) as object }),
    properties: propertiesOf(settings),
    ...(unsupported && { unsupported }),
  };
}

export function propertiesOf(settings: SettingGroup["settings"]): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [setting.key ?? name, schemaOfSetting(setting)]),
  );
}

/** An object with exactly one of these keys. */
export function schemaOfChoice(properties: JsonSchema, unsupported?: readonly string[]): JsonSchema {
  return {
    type: "object",
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties,
    ...(unsupported && { unsupported }),
  };
}

function schemaOfSetting(setting: Setting): JsonSchema {
  const { description, secret, isNullable, type, format, minimum, exclusiveMinimum, maximum } = setting;
  const withNull = (name: string): unknown => (isNullable === false ? name : [name, "null"]);
  if (type === "object")
    return { ...schemaOfGroup(setting.group ?? { settings: {} }, description), type: withNull(type) };
  if (type === "headers")
    return {
      description,
      type: withNull("array"),
      minItems: 1,
      items: headerSchema,
      ...(secret && { writeOnly: true }),
    };
  const { minLength, minItems, items } = setting;
  const { default: byDefault } = setting;
  return {
    description,
    type: withNull(type),
    ...(setting.enum && { enum: isNullable === false ? setting.enum : [...setting.enum, null] }),
    ...given({ minimum, exclusiveMinimum, maximum, format, minLength, minItems, items }),
    ...(isValueOf(type, byDefault) && { default: byDefault }),
    ...(secret && { writeOnly: true }),
  };
}

/** What `headers_list` becomes in the code is no value of the file. */
function isValueOf(type: string, value: unknown): boolean {
  return value !== undefined && (type !== "string" || typeof value === "string");
}

const headerSchema: JsonSchema = {
  type: "object",
  required: ["name", "value"],
  additionalProperties: false,
  properties: {
    name: { type: "string", format: "header-name" },
    value: { type: ["string", "null"], format: "header-value", writeOnly: true },
  },
};

function requireOthers(keys: readonly string[]): [string, string[]][] {
  return keys.map((key) => [key, keys.filter((other) => other !== key)]);
}

/** Of each pair only one may be there; one with nothing in it is as good as left out. */
function refusePairs(keys: readonly string[]): JsonSchema[] {
  const isGiven = { not: { enum: [null, ""] } };
  return keys.flatMap((key, index) =>
    keys.slice(index + 1).map((other) => ({
      if: { not: { required: [key, other], properties: { [key]: isGiven, [other]: isGiven } } },
      // Editors show the message, at the key.
      else: { properties: { [key]: false }, errorMessage: `${key} and ${other} exclude each other` },
    })),
  );
}

function given(entries: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
