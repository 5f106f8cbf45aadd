/** What the resource of a log record says beside the host, and how that was found. */
import type { KerntelRecordAttributes, KerntelResourceAttributes } from "../telemetry/telemetry.generated.ts";

export type SubjectAttributes = Omit<KerntelResourceAttributes, `host.${string}` | `os.${string}`>;

export interface ResolvedSubject {
  /** One object for each thing that records are about: it stands for one resource. */
  readonly attributes: SubjectAttributes;
  readonly attribution: KerntelRecordAttributes["kerntel.attribution"];
}

/** What a record is about, as far as it is known now. */
export interface About {
  readonly resolved: ResolvedSubject;
  /** The innermost container within the container that it is about; absent where there is none. */
  readonly nestedId?: string | undefined;
  /** Somebody was asked and has not answered yet. */
  readonly isPending: boolean;
}

const none: SubjectAttributes = {};

export const host: ResolvedSubject = { attributes: none, attribution: "resolved" };
/** A cgroup that is in no container, pod or unit. */
export const hostByPath: ResolvedSubject = { attributes: none, attribution: "path" };
export const unknown: ResolvedSubject = { attributes: none, attribution: "unknown" };
