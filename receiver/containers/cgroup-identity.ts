/** What the path of a cgroup alone says: containers it is in, the pod, the systemd unit. */
import { namesOf } from "./cgroup-path.ts";
import { readContainerName } from "./container-names.ts";

export interface PathContainer {
  readonly id: string;
  readonly runtime?: string;
  readonly pod?: PathPod;
}

export interface PathPod {
  readonly uid: string;
  readonly qosClass: "guaranteed" | "burstable" | "besteffort";
}

export interface CgroupIdentity {
  /** The innermost first; more than one where a container runs containers. */
  readonly containers: readonly PathContainer[];
  /** The pod's own cgroup, or one below it that is in no container. */
  readonly pod?: PathPod;
  /** Where it is in no container and no pod. */
  readonly unit?: string;
}

const UID = "[0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32}";
/** Driver systemd; a cgroup root of the kubelet's own stands before it, and the container's name may follow. */
const POD_SLICE = new RegExp(`(?:^|-)kubepods(?:-(besteffort|burstable))?-pod(${UID})\\.slice(?::|$)`);
/** Driver cgroupfs. A static pod's uid is a hash without dashes. */
const POD_DIRECTORY = new RegExp(`^pod(${UID})$`);
const UNIT = /\.(?:service|scope|socket|mount|swap|automount|path|timer|target|device)$/;

/**
 * Never throws; a path that says nothing has no containers, no pod and no unit. `from`: containers among the names before
 * are left out.
 */
export function readCgroupIdentity(path: string, from = 0): CgroupIdentity {
  const names = namesOf(path);
  const containers: PathContainer[] = [];
  let pod: PathPod | undefined;
  for (const [index, name] of names.entries()) {
    pod = readPod(names, index) ?? pod;
    if (index < from) continue;
    const container = readContainerName(name, names[index - 1] ?? "", names[index + 1] ?? "");
    if (container === undefined) continue;
    containers.unshift(pod === undefined ? container : { ...container, pod });
    // What follows is the container's own.
    pod = undefined;
  }
  if (containers.length > 0) return { containers };
  if (pod !== undefined) return { containers, pod };
  const unit = readUnit(names);
  return unit === undefined ? { containers } : { containers, unit };
}

function readPod(names: readonly string[], index: number): PathPod | undefined {
  const name = names[index] ?? "";
  const [, sliceClass, sliceUid] = POD_SLICE.exec(name) ?? [];
  if (sliceUid !== undefined) return { uid: sliceUid.replaceAll("_", "-"), qosClass: readClass(sliceClass) };
  const uid = POD_DIRECTORY.exec(name)?.[1];
  return uid === undefined
    ? undefined
    : readPodDirectory(uid, names[index - 1] ?? "", names[index - 2] ?? "");
}

function readPodDirectory(uid: string, parent: string, grandparent: string): PathPod | undefined {
  if (parent.endsWith("kubepods")) return { uid, qosClass: "guaranteed" };
  const isClass = parent === "besteffort" || parent === "burstable";
  return isClass && grandparent.endsWith("kubepods") ? { uid, qosClass: parent } : undefined;
}

function readClass(name: string | undefined): PathPod["qosClass"] {
  return name === "besteffort" || name === "burstable" ? name : "guaranteed";
}

/** As systemd finds it (`systemctl status PID`): the first name that is not a slice, if it is a unit's. */
function readUnit(names: readonly string[]): string | undefined {
  const first = names.find((name) => !name.endsWith(".slice"));
  return first !== undefined && UNIT.test(first) ? first : undefined;
}
