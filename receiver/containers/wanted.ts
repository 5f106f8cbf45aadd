/** What a source is asked about a cgroup. */
import type { Cgroup } from "./cgroup.ts";
import type { Wanted } from "./sources/source.ts";

/** What all sources use; names of machines (LXC, nspawn) are no ids of theirs. */
const CONTAINER_ID = /^[0-9a-f]{64}$/;
/** Names that may be ids, from the leaf up: `ctr` makes `/<namespace>/<id>`, and the container makes more below. */
const NAMES = 4;
/** Of containers in containers: the runtime of this machine knows the outermost, and one of a container's own the innermost. */
const CONTAINERS = 4;
/** containerd, pkg/identifiers */
const IDENTIFIER = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

/** `undefined` where nobody could know more than the path says. */
export function describeWanted({ path, owners }: Cgroup): Wanted | undefined {
  const known = owners.map(({ resolved }) => resolved.attributes);
  const containerIds = known
    .map((attributes) => attributes["container.id"] ?? "")
    .filter((id, index, { length }) => {
      const isNearAnEnd = index < CONTAINERS / 2 || index >= length - CONTAINERS / 2;
      return isNearAnEnd && CONTAINER_ID.test(id);
    });
  const podUid = known[0]?.["k8s.pod.uid"];
  const names = owners.length > 0 ? [] : path.split("/").toReversed().filter(isIdentifier).slice(0, NAMES);
  if (containerIds.length === 0 && names.length === 0) return undefined;
  return { containerIds, names, path, podUid };
}

function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !name.endsWith(".slice");
}
