/** Who is at the other end of a connection, by the kernel's word (unix(7), SO_PEERCRED; sock_diag(7)). */
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";

export interface PeerCredentials {
  /** Of the process that made the connection; it may have ended, and another may have its number. */
  readonly pid: number;
  /** Effective user and group of that process at that moment. Users that this namespace does not know are 65534. */
  readonly uid: number;
  readonly gid: number;
}

/** What the kernel writes where there is no peer, as of a socket of TCP: (uid_t)-1. */
const NOBODY_THERE = 0xffff_ffff;

/**
 * `fd`: the descriptor of a connected socket. Undefined where the kernel knows no peer, as for TCP. Throws
 * `BPF_PEER_FAILED`.
 */
export function peerCredentials(fd: number): PeerCredentials | undefined {
  const failure = `The peer of descriptor ${fd} could not be read`;
  const [pid, uid, gid] = attempt({ code: "BPF_PEER_FAILED", phase: "network", failure }, () =>
    native().peer_credentials(fd),
  );
  return uid === NOBODY_THERE ? undefined : { pid, uid, gid };
}

/**
 * `fd`: the descriptor of a connected socket of TCP. The user of the socket at the other end; undefined where that is on another
 * machine or in another network namespace, or has been closed. Throws `BPF_PEER_FAILED`.
 */
export function peerTcpUser(fd: number): number | undefined {
  const failure = `The peer of descriptor ${fd} could not be read`;
  const user = attempt({ code: "BPF_PEER_FAILED", phase: "network", failure }, () =>
    native().peer_tcp_user(fd),
  );
  return user ?? undefined;
}
