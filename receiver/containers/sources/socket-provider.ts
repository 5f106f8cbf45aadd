/** What the sources have in common that answer on a Unix socket. */
import type { Setting } from "#otel-config/declaration.ts";
import { findSocket, requireTrusted } from "./find-files.ts";
import type { LabelChoice, Source, SourceProvider } from "./source.ts";

export interface SocketOptions {
  readonly socket?: string;
}

export const containerdSockets: readonly string[] = [
  "/run/containerd/containerd.sock",
  "/run/k3s/containerd/containerd.sock",
  "/run/k0s/containerd.sock",
  "/var/snap/microk8s/common/run/containerd.sock",
];

const TIMEOUT_MS = 2_000;
/** A runtime may make a list of all its containers for each query. */
const INTERVAL_MS = 100;

/** `key`: that of the socket in the configuration file. `usual`: where the socket is looked for, in this order. */
export function socketProvider(
  usual: readonly string[],
  {
    key,
    ...own
  }: Pick<SourceProvider, "name" | "description"> & {
    readonly key: string;
    readonly open: (socket: string, labels: LabelChoice) => Promise<Source>;
  },
): SourceProvider<SocketOptions> {
  const { name, description, open } = own;
  return {
    name,
    description,
    settings: { socket: socketSetting(key, usual) },
    findsNames: false,
    timeoutMs: TIMEOUT_MS,
    intervalMs: INTERVAL_MS,
    // A source that was configured explicitly and cannot be reached is reported as a failure.
    isThere: ({ socket }) => socket !== undefined || findSocket(usual) !== undefined,
    open: async ({ socket }, labels) => {
      const path = socket ?? findSocket(usual) ?? "";
      requireTrusted("socket", path);
      return open(path, labels);
    },
  };
}

function socketSetting(key: string, usual: readonly string[]): Setting {
  return {
    key,
    type: "string",
    format: "socket-path",
    otherwise: `the first there is of ${usual.map((path) => `\`${path}\``).join(", ")}`,
    example: usual[0] ?? "",
    description:
      "Unix socket, an absolute path; unix:// may stand before it. Root has to own it and every directory on its path.",
  };
}
