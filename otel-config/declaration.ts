/**
 * What is read here of those that plug in: their settings, as plain data. An exporter, a source of container metadata and an event
 * each declare more than this; who hands the declarations over has the compiler compare them.
 */

export interface Setting {
  /** The key in the file, where it is not the name that the code uses. */
  readonly key?: string;
  /** `headers`: OpenTelemetry's list of `name` and `value`, which the code gets as one object. */
  readonly type: "boolean" | "integer" | "number" | "string" | "array" | "object" | "headers";
  readonly description: string;
  /** Without a default, the code gets no value where the file gives none. */
  readonly default?: unknown;
  /** What holds where there is neither a value nor a default, in a few words. */
  readonly otherwise?: string;
  /** UCUM. */
  readonly unit?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly (string | number)[];
  /** One of `formats.ts`. */
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
  /** Never to be printed. */
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

/** Settings by their names in the code. */
export interface SettingGroup {
  readonly settings: Readonly<Record<string, Setting>>;
  /** In each list only one setting may be given. */
  readonly exclusive?: readonly (readonly string[])[];
  /** In each list all settings are given or none is. */
  readonly together?: readonly (readonly string[])[];
  /** The first of a pair is not above the second. */
  readonly ordered?: readonly (readonly [small: string, large: string])[];
  /** Keys of OpenTelemetry's schema that are refused, with a message that says so. */
  readonly unsupported?: readonly string[];
}

/** A group of settings under a key of its own. */
export interface DeclaredPart extends SettingGroup {
  readonly name: string;
  /** One sentence, for people. */
  readonly description: string;
}

export interface DeclaredLogExporter extends SettingGroup {
  readonly processors: readonly ("batch" | "simple")[];
  /** The exporter of the local log: its settings may also be in this section of `distribution.kerntel`. */
  readonly ownSection?: {
    readonly key: string;
    readonly batchDefaults: Readonly<Record<string, number>>;
  };
}

export interface DeclaredMetricExporter extends SettingGroup {
  readonly readers: readonly ("pull" | "periodic")[];
  /** Metrics go there where a file does not say where they go. */
  readonly isDefault?: true;
}

export interface DeclaredExporter {
  readonly name: string;
  readonly description: string;
  readonly logs?: DeclaredLogExporter;
  readonly metrics?: DeclaredMetricExporter;
}

/** By the name of each event, its settings beside `enabled`. */
export type DeclaredEvents = Readonly<Record<string, Readonly<Record<string, Setting>>>>;

export interface Declarations {
  readonly exporters: readonly DeclaredExporter[];
  readonly sources: readonly DeclaredPart[];
  readonly events: DeclaredEvents;
}

export function keyOf(group: SettingGroup, name: string): string {
  return group.settings[name]?.key ?? name;
}

/** What sources and events have beside the settings that they declare. */
export const enabledSetting: Setting = {
  type: "boolean",
  default: true,
  description: "false: it is not used.",
};

export function withEnabled(group: SettingGroup): SettingGroup {
  return { ...group, settings: { enabled: enabledSetting, ...group.settings } };
}
