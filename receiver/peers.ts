/** Who has connected to a server of the receiver, by the kernel's word; and whose share of its places a connection takes. */
import type { Socket } from "node:net";
import { peerCredentials, peerTcpUser } from "bpf-loader-napi";
import type { PeerCredentials } from "bpf-loader-napi";
import type { TenantLimits } from "#exporters/bounded-server.ts";

/** Of a Unix socket. `undefined` where the kernel does not know, as after the connection has ended. */
export function readPeer(socket: Socket): PeerCredentials | undefined {
  return lookUp(socket, peerCredentials);
}

/** Root, and the user that the receiver runs as. */
export function isPrivileged(peer: Pick<PeerCredentials, "uid"> | undefined): boolean {
  return peer !== undefined && (peer.uid === 0 || peer.uid === process.geteuid?.());
}

/** Of the control socket: root always gets one of the places that users of the group leave. */
export const controlTenants: TenantLimits = {
  find: (socket) => {
    const peer = readPeer(socket);
    return isPrivileged(peer) ? undefined : String(peer?.uid ?? "unknown");
  },
  maxPerTenant: 8,
  maxOfAll: 24,
};

/** Of a port: no user of this machine, and no other machine, takes all places. */
export const portTenants: TenantLimits = {
  find: (socket) => {
    const uid = lookUp(socket, peerTcpUser);
    if (uid === undefined) return `from ${socket.remoteAddress ?? "nowhere"}`;
    return isPrivileged({ uid }) ? undefined : String(uid);
  },
  maxPerTenant: 24,
  maxOfAll: 32,
};

function lookUp<Found>(socket: Socket, read: (descriptor: number) => Found | undefined): Found | undefined {
  // Node shows the descriptor of a socket nowhere else; without one nobody is known, and so nothing permitted.
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: number } | null };
  try {
    return handle?.fd === undefined || handle.fd < 0 ? undefined : read(handle.fd);
  } catch {
    // The connection has ended meanwhile.
    return undefined;
  }
}
