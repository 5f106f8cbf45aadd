/** Paths of cgroups for which a record had no room, made whole in one place for all events. */
import type { Attributes } from "@opentelemetry/api";
import { isCutPath } from "../containers/cgroup-path.ts";

export const TRUNCATED = "kerntel.cgroup.path_truncated";

/** Every cgroup's `….path` has its `….id` beside it. */
const PATH = /\.path$/;
const ID = /^\d+$/;

/** The whole path of the cgroup with this id, or `path` where it is not known. */
export type WholePath = (id: bigint, path: string) => string;

/**
 * `attributes` themselves, unless a path is cut: then it is replaced as far as its cgroup is known, and what stays cut is
 * marked.
 */
export function completePaths(attributes: Attributes, wholePath: WholePath): Attributes {
  let completed: Attributes | undefined;
  for (const [key, value] of Object.entries(attributes)) {
    if (!PATH.test(key) || typeof value !== "string" || !isCutPath(value)) continue;
    const id = String(attributes[key.replace(PATH, ".id")]);
    if (!ID.test(id)) continue;
    const path = wholePath(BigInt(id), value);
    completed ??= { ...attributes };
    completed[key] = path;
    if (isCutPath(path)) completed[TRUNCATED] = true;
  }
  return completed ?? attributes;
}
