/** What a log record is about. The framework finds the resource; a missing container is never an error. */
export type Subject =
  | { readonly kind: "host" }
  | ({ readonly kind: "cgroup" } & CgroupSubject)
  | ({ readonly kind: "network_namespace" } & NamespaceSubject)
  | {
      /**
       * A socket, or a packet that may have none: the container of the cgroup that it was made in, or else of its network
       * namespace. On version 1 and hybrid hierarchies a socket remembers only the root of the unified one.
       */
      readonly kind: "socket";
      /** Undefined where the kernel keeps none. */
      readonly cgroup: CgroupSubject | undefined;
      /** Undefined where it is not known either; without both it is about the host. */
      readonly namespace: NamespaceSubject | undefined;
    };

export interface CgroupSubject {
  /** Inode number of the cgroup directory. */
  readonly id: bigint;
  /**
   * Path below the root of its hierarchy, as the kernel saw it then; with `…` at its beginning where it had no room, `""`
   * where it could not be had.
   */
  readonly path: string;
}

export interface NamespaceSubject {
  /** Inode number, as `readlink /proc/self/ns/net` shows it. */
  readonly inode: number;
  /** Never used twice while the machine is up (SO_NETNS_COOKIE); `0n` where it could not be had. */
  readonly cookie: bigint;
}

/** What the records of network events have in common. */
export interface SocketPlace {
  /** Of the cgroup that the socket was made in; `0n` where there is none. */
  readonly cgroupId: bigint;
  /** 0 where it is not known. */
  readonly netnsInode: number;
  readonly netnsCookie: bigint;
}

/** Of a packet or a socket. `cgroupPath`: as of `CgroupSubject`. */
export function socketSubject(place: SocketPlace, cgroupPath: string): Subject {
  return {
    kind: "socket",
    cgroup: place.cgroupId === 0n ? undefined : { id: place.cgroupId, path: cgroupPath },
    namespace: place.netnsInode === 0 ? undefined : { inode: place.netnsInode, cookie: place.netnsCookie },
  };
}
