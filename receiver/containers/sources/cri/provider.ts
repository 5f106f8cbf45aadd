/** The face of this folder. */
import type { SourceProvider } from "../source.ts";
import { containerdSockets, socketProvider } from "../socket-provider.ts";
import type { SocketOptions } from "../socket-provider.ts";

const sockets = ["/run/crio/crio.sock", "/run/cri-dockerd.sock", ...containerdSockets];

export const cri: SourceProvider<SocketOptions> = socketProvider(sockets, {
  name: "cri",
  description: "Container Runtime Interface of containerd, CRI-O or cri-dockerd.",
  key: "endpoint",
  open: async (socket, labels) => (await import("./cri.ts")).openCri(socket, labels),
});
