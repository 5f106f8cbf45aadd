/** Who is told of a drop: the cgroup that owns the socket, else the network namespace that the packet was in. */
import type { Subject } from "#receiver/tracing/contract.ts";

/** What a packet and the summary of a kind have in common. */
export interface DropPlace {
  readonly cgroupId: bigint;
  readonly netnsInode: number;
  readonly netnsCookie: bigint;
}

export function subjectOf(place: DropPlace, cgroupPath: string): Subject {
  if (place.cgroupId !== 0n) return { kind: "cgroup", id: place.cgroupId, path: cgroupPath };
  if (place.netnsInode === 0) return { kind: "host" };
  return { kind: "network_namespace", inode: place.netnsInode, cookie: place.netnsCookie };
}
