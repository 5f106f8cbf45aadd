/**
 * What a `telemetry.yaml` holds: the part of the semantic conventions' model (Weaver's `file_format: definition/2`)
 * that this program uses. Keys are those of the file.
 */

export const primitiveTypes = [
  "string",
  "int",
  "double",
  "boolean",
  "string[]",
  "int[]",
  "double[]",
  "boolean[]",
  // A family of attributes: the name, a dot, and a key of the user's.
  "template[string]",
] as const;
export type PrimitiveType = (typeof primitiveTypes)[number];

interface EnumMember {
  readonly id: string;
  readonly value: string | number;
  readonly brief?: string;
}

export type AttributeType = PrimitiveType | { readonly members: readonly EnumMember[] };

export interface AttributeDefinition {
  readonly key: string;
  readonly type: AttributeType;
  readonly brief: string;
  readonly note?: string;
  readonly examples?: readonly unknown[];
}

type RequirementLevel =
  | "required"
  | "recommended"
  | "opt_in"
  | { readonly conditionally_required: string }
  | { readonly recommended: string };

export interface AttributeReference {
  readonly ref: string;
  readonly requirement_level?: RequirementLevel;
  /** Refines what the attribute means here. */
  readonly brief?: string;
  readonly note?: string;
}

/** Attributes that belong together but to no single log record, such as those of every resource. */
export interface AttributeGroup {
  readonly id: string;
  readonly brief: string;
  readonly note?: string;
  readonly attributes: readonly AttributeReference[];
}

export interface EventAnnotations {
  readonly severity: number;
  /** By last word of the event's own attributes: why it is not what another event means by that word. */
  readonly differs?: Readonly<Record<string, string>>;
  /** For the tables of events, in Markdown; `brief` where it is left out. */
  readonly summary?: string;
  /** Where the event hooks into the kernel, for the same tables; all hooks of the kernel half where it is left out. */
  readonly hook?: string;
}

export interface EventDefinition {
  readonly name: string;
  readonly brief: string;
  readonly note?: string;
  readonly attributes: readonly AttributeReference[];
  /** What the model has no place for. */
  readonly annotations: { readonly kerntel: EventAnnotations };
}

export interface MetricDescription {
  readonly name: string;
  readonly instrument: "counter" | "updowncounter" | "gauge" | "histogram";
  readonly unit: string;
  readonly brief: string;
  readonly note?: string;
  readonly attributes: readonly AttributeReference[];
}

export interface TelemetryFile {
  /** Relative to the root of the tree. */
  readonly path: string;
  readonly attributes: readonly AttributeDefinition[];
  readonly groups: readonly AttributeGroup[];
  readonly events: readonly EventDefinition[];
  readonly metrics: readonly MetricDescription[];
  /** Line of what stands at a path of keys, for instance `["events", 0, "name"]`. */
  lineOf(keys: readonly (string | number)[]): number;
}

/** Every mistake that was found, one line each, as `events/oom/telemetry.yaml:12: …`. */
export class TelemetryError extends Error {
  readonly code = "TELEMETRY_INVALID";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "TelemetryError";
    this.problems = problems;
  }
}
