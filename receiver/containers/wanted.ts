/** What a source is asked about a cgroup. */
import type { Cgroup } from "./cgroup.ts";
import type { ContainerPlace, Wanted } from "./sources/source.ts";
import { isUsers } from "./trust.ts";

/** What all sources use; names of machines (LXC, nspawn) are no ids of theirs. */
const CONTAINER_ID = /^[0-9a-f]{64}$/;
/** Names that may be ids, from the leaf up: `ctr` makes `/<namespace>/<id>`, and the container makes more below. */
const NAMES = 4;
/** containerd, pkg/identifiers */
const IDENTIFIER = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

/** `undefined` where nobody could know more than the path says, or where what is there is a user's. */
export function describeWanted(cgroup: Cgroup): Wanted | undefined {
  const { path, owner, standing } = cgroup;
  if (isUsers(standing)) return undefined;
  const { "container.id": id = "", "k8s.pod.uid": podUid } = owner?.resolved.attributes ?? {};
  const containerIds = owner?.kind === "container" && CONTAINER_ID.test(id) ? [id] : [];
  const names = owner === undefined ? path.split("/").toReversed().filter(isIdentifier).slice(0, NAMES) : [];
  if (containerIds.length === 0 && names.length === 0) return undefined;
  return { containerIds, names, path, podUid, place: placeOf(cgroup) };
}

/** What is known of it when the answer comes: a directory may be heard of before what is above it. */
function placeOf(cgroup: Cgroup): ContainerPlace {
  return {
    get path(): string {
      return cgroup.root.path;
    },
    get hierarchies(): readonly number[] {
      return cgroup.root.ids.map(({ hierarchy }) => hierarchy);
    },
    get isProven(): boolean {
      return cgroup.root.standing.isProven;
    },
  };
}

function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !name.endsWith(".slice");
}
