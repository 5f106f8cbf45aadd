/** The face of this folder: one API, which two runtimes offer. */
import type { SourceProvider } from "../source.ts";
import { socketProvider } from "../socket-provider.ts";
import type { SocketOptions } from "../socket-provider.ts";

export const docker: SourceProvider<SocketOptions> = socketProvider(
  ["/run/docker.sock", "/var/run/docker.sock"],
  {
    name: "docker",
    description: "Docker Engine API.",
    key: "socket",
    open: async (socket, labels) => (await import("./docker.ts")).openDocker("docker", socket, labels),
  },
);

export const podman: SourceProvider<SocketOptions> = socketProvider(["/run/podman/podman.sock"], {
  name: "podman",
  description: "podman's form of the Docker Engine API.",
  key: "socket",
  open: async (socket, labels) => (await import("./docker.ts")).openDocker("podman", socket, labels),
});
