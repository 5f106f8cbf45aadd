/** The face of this folder. */
import type { SourceProvider } from "../source.ts";
import { containerdSockets, socketProvider } from "../socket-provider.ts";
import type { SocketOptions } from "../socket-provider.ts";

export const containerd: SourceProvider<SocketOptions> = {
  ...socketProvider(containerdSockets, {
    name: "containerd",
    description: "containerd's own API, with every container, also those of ctr and nerdctl.",
    key: "address",
    open: async (socket, labels) => (await import("./containerd.ts")).openContainerd(socket, labels),
  }),
  findsNames: true,
};
