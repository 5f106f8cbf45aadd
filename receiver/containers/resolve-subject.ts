/** From what a record is about to the attributes of its resource; in memory only, never waits. */
import type { Subject } from "../tracing/contract.ts";
import type { KerntelRecordAttributes, KerntelResourceAttributes } from "../telemetry/telemetry.generated.ts";
import { containerIdOf } from "./container-id.ts";

export interface ResolvedSubject {
  /** Equal keys share one resource. */
  readonly key: string;
  /** Attributes beside those of the host. */
  readonly attributes: Pick<KerntelResourceAttributes, "container.id">;
  readonly attribution: KerntelRecordAttributes["kerntel.attribution"];
}

const host: ResolvedSubject = { key: "host", attributes: {}, attribution: "resolved" };
const hostByPath: ResolvedSubject = { ...host, attribution: "path" };
const unknown: ResolvedSubject = { ...host, attribution: "unknown" };

export function resolveSubject(subject: Subject): ResolvedSubject {
  if (subject.kind === "host") return host;
  if (subject.kind === "network_namespace" || subject.path === "") return unknown;
  const id = containerIdOf(subject.path);
  if (id === undefined) return hostByPath;
  return { key: id, attributes: { "container.id": id }, attribution: "path" };
}
