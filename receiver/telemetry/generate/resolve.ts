/** What a reference stands for: its type and its words, from whichever file defines it. */
import type { AttributeReference, AttributeType, TelemetryFile } from "../definition.ts";
import { standardAttributes } from "../standard-attributes.ts";

export interface ResolvedAttribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly isRequired: boolean;
  /** When it is there, where the definition says so. */
  readonly condition?: string;
  readonly brief: string;
  readonly note?: string;
  readonly examples: readonly unknown[];
  /** Only of standard attributes. */
  readonly link?: string;
}

/** The files were checked: every reference has a definition. */
export function resolveReference(
  { ref, requirement_level: level, brief, note }: AttributeReference,
  files: readonly TelemetryFile[],
): ResolvedAttribute {
  const condition = typeof level === "object" ? Object.values(level)[0] : undefined;
  const use = {
    name: ref,
    isRequired: level === "required",
    ...(condition === undefined ? {} : { condition }),
  };
  const refined = { ...(brief === undefined ? {} : { brief }), ...(note === undefined ? {} : { note }) };
  const definition = files.flatMap(({ attributes }) => attributes).find(({ key }) => key === ref);
  if (definition !== undefined) return { examples: [], ...definition, ...refined, ...use };
  const standard = standardAttributes.get(ref) ?? { type: "string", brief: "", link: "" };
  return { examples: [], ...standard, ...refined, ...use };
}
