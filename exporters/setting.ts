/**
 * How an exporter declares its settings: each of them once, as plain data. The checks of a configuration file and their
 * messages, the JSON Schema for editors, `default.yaml` and the tables in the READMEs all come from these declarations.
 */

export interface Setting {
  /** The key in a configuration file, where it is not the name that the code uses. */
  readonly key?: string;
  /** `headers`: OpenTelemetry's list of `name` and `value`, which the code gets as one object. */
  readonly type: "boolean" | "integer" | "number" | "string" | "array" | "object" | "headers";
  /** One sentence, for people. */
  readonly description: string;
  /** The value where a file gives none. Without a default, the code gets none either. */
  readonly default?: unknown;
  /** What holds where there is neither a value nor a default, in a few words. */
  readonly otherwise?: string;
  /** UCUM, as for metrics; every number has one. */
  readonly unit?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly (string | number)[];
  /** What a text must look like; `otel-config/formats.ts` has the names. */
  readonly format?: string;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: {
    readonly type: "string" | "integer";
    readonly format?: string;
    readonly minLength?: number;
  };
  /** The settings of an `object`. */
  readonly group?: SettingGroup;
  /** OpenTelemetry's own schema does not allow null here. */
  readonly isNullable?: false;
  /** Never to be printed: not in a message, not by a command. */
  readonly secret?: true;
  /** What `default.yaml` shows where there is no default. */
  readonly example?: unknown;
  /** A port that is listened on: two components cannot have the same one; 0 takes any free port. */
  readonly listens?: true;
  /**
   * What no schema can say: why a value of the right type is wrong, or is probably not what was meant. The sentence
   * goes into a message, and therefore has nothing of the value in it.
   */
  readonly findProblem?: (value: never) => string | undefined;
  readonly findDoubt?: (value: never) => string | undefined;
}

/** Settings by their names in the code: one for each property of `Options`. */
export interface SettingGroup<Options extends object = Readonly<Record<string, unknown>>> {
  readonly settings: { readonly [Name in keyof Options]-?: Setting };
  /** In each list only one setting may be given. */
  readonly exclusive?: readonly (readonly (keyof Options & string)[])[];
  /** In each list all settings are given or none is. */
  readonly together?: readonly (readonly (keyof Options & string)[])[];
  /** Keys of OpenTelemetry's schema that are refused, with a message that says so. */
  readonly unsupported?: readonly string[];
}

/** Options of which some are left out, with the declared defaults in their place. */
export function fillDefaults<Options extends object>(
  { settings }: SettingGroup<Options>,
  given: Partial<Options>,
): Options {
  const defaults = Object.entries<Setting>(settings).flatMap(([name, setting]) =>
    setting.default === undefined ? [] : [[name, setting.default] as const],
  );
  return { ...(Object.fromEntries(defaults) as Options), ...given };
}
