/** Who has connected to the control socket, by the kernel's word. */
import type { Socket } from "node:net";
import { peerCredentials } from "bpf-loader-napi";
import type { PeerCredentials } from "bpf-loader-napi";

/** `undefined` where the kernel does not know, as after the connection has ended. */
export function readPeer(socket: Socket): PeerCredentials | undefined {
  // Node shows the descriptor of a socket nowhere else; without one, nobody is known, and so nothing permitted.
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: number } | null };
  try {
    return handle?.fd === undefined ? undefined : peerCredentials(handle.fd);
  } catch {
    // The descriptor was closed meanwhile.
    return undefined;
  }
}

/** Root, and the user that the receiver runs as. */
export function isPrivileged(peer: PeerCredentials | undefined): boolean {
  return peer !== undefined && (peer.uid === 0 || peer.uid === process.geteuid?.());
}

/** Everybody who is not privileged has a share of the connections, by user. */
export function tenantOf(socket: Socket): string | undefined {
  const peer = readPeer(socket);
  return isPrivileged(peer) ? undefined : String(peer?.uid ?? "unknown");
}
