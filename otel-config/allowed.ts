/** Says in words what a schema allows. */
import { formats } from "./formats.ts";

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number | null)[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly if?: { readonly not?: Schema };
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Secret. */
  readonly writeOnly?: boolean;
  /** Keys of OpenTelemetry's schema that are refused here. */
  readonly unsupported?: readonly string[];
}

/** In words, from the schema itself, so that a new rule needs no new sentence. */
export function describeAllowed(schema: Schema): string {
  if (schema.enum) return schema.enum.filter((value) => value !== null).join(", ");
  const type = [schema.type].flat().find((name) => name !== "null") ?? "string";
  return formats[schema.format ?? ""]?.allowed ?? describeType[type]?.(schema) ?? type;
}

const describeType: Readonly<Record<string, (schema: Schema) => string>> = {
  integer: (schema) => `a whole number${describeRange(schema)}`,
  number: (schema) => `a number${describeRange(schema)}`,
  boolean: () => "true or false",
  array: ({ minItems }) => `a list${minItems ? ` of at least ${minItems}` : ""}`,
  object: (schema) => `an object with ${honouredKeys(schema).join(", ") || "nothing in it"}`,
  string: ({ pattern, description, minLength }) =>
    pattern && description ? description : `text${minLength ? " that is not empty" : ""}`,
};

function describeRange({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const low = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const above = exclusiveMinimum === undefined ? "from" : "above";
  if (low !== undefined && maximum !== undefined) {
    return exclusiveMinimum === undefined ? ` from ${low} to ${maximum}` : ` above ${low}, up to ${maximum}`;
  }
  if (low !== undefined) return ` ${above} ${low}`;
  return maximum === undefined ? "" : ` up to ${maximum}`;
}

/** The keys an object may have. */
export function honouredKeys(schema: Schema): string[] {
  return Object.keys(schema.properties ?? {});
}
