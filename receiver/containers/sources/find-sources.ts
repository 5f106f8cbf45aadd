/** Which sources there may be: those of the configuration, and those in their usual places. */
import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import type { ContainersConfig } from "#otel-config/config.ts";
import type { SourceName } from "../owner.ts";
import { chooseLabels } from "./labels.ts";
import type { LabelChoice, NamedSource, Source } from "./source.ts";

const CONTAINERD_SOCKETS = [
  "/run/containerd/containerd.sock",
  "/run/k3s/containerd/containerd.sock",
  "/run/k0s/containerd.sock",
  "/var/snap/microk8s/common/run/containerd.sock",
];
const CRI_SOCKETS = ["/run/crio/crio.sock", "/run/cri-dockerd.sock", ...CONTAINERD_SOCKETS];
const DOCKER_SOCKETS = ["/run/docker.sock", "/var/run/docker.sock"];
const PODMAN_SOCKETS = ["/run/podman/podman.sock"];
/** What every pod gets; outside of one the configuration names the file. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const SOCKET_TIMEOUT_MS = 2_000;
/** The kubelet puts its answer together from all pods. */
const KUBELET_TIMEOUT_MS = 5_000;

type FoundSource = Omit<NamedSource, "settings">;

export function findSources(config: ContainersConfig): NamedSource[] {
  const labels = chooseLabels(config);
  const { containerd, cri, docker, podman, kubelet } = config;
  const all: readonly (FoundSource | false)[] = [
    containerd.enabled &&
      onSocket("containerd", [containerd.address, CONTAINERD_SOCKETS], async (socket) =>
        (await import("./containerd/containerd.ts")).openContainerd(socket, labels),
      ),
    cri.enabled &&
      onSocket("cri", [cri.endpoint, CRI_SOCKETS], async (socket) =>
        (await import("./cri/cri.ts")).openCri(socket, labels),
      ),
    docker.enabled &&
      onSocket("docker", [docker.socket, DOCKER_SOCKETS], async (socket) =>
        (await import("./docker/docker.ts")).openDocker("docker", socket, labels),
      ),
    podman.enabled &&
      onSocket("podman", [podman.socket, PODMAN_SOCKETS], async (socket) =>
        (await import("./docker/docker.ts")).openDocker("podman", socket, labels),
      ),
    kubelet.enabled && findKubelet(kubelet, labels),
  ];
  return all
    .filter((found) => found !== false)
    .map((found) => Object.assign(found, { settings: { ...config[found.name], labels } }));
}

function onSocket(
  name: SourceName,
  [configured, usual]: readonly [configured: string | undefined, usual: readonly string[]],
  open: (socket: string) => Promise<Source>,
): FoundSource {
  return {
    name,
    findsNames: name === "containerd",
    timeoutMs: SOCKET_TIMEOUT_MS,
    // One that was configured and is away is a failure that is told of.
    isThere: () => configured !== undefined || findSocket(usual) !== undefined,
    open: () => open(configured ?? findSocket(usual) ?? ""),
  };
}

/** Without an endpoint: the one on this node, where there is a token for it. */
function findKubelet(config: ContainersConfig["kubelet"], labels: LabelChoice): FoundSource {
  const { endpoint, tokenFile, caFile, insecureSkipVerify } = config;
  const usualToken = `${SERVICE_ACCOUNT}/token`;
  const usualCa = `${SERVICE_ACCOUNT}/ca.crt`;
  return {
    name: "kubelet",
    findsNames: false,
    timeoutMs: KUBELET_TIMEOUT_MS,
    isThere: () => endpoint !== undefined || findFile(tokenFile ?? usualToken) !== undefined,
    open: async () => {
      const [token, ca] = [tokenFile ?? findFile(usualToken), caFile ?? findFile(usualCa)];
      return (await import("./kubelet/kubelet.ts")).openKubelet({
        endpoint: endpoint ?? "https://127.0.0.1:10250",
        ...(token === undefined ? {} : { tokenFile: token }),
        ...(ca === undefined ? {} : { caFile: ca }),
        insecureSkipVerify,
        labels,
      });
    },
  };
}

function findSocket(paths: readonly string[]): string | undefined {
  return paths.find((path) => isThere(path, (found) => found.isSocket()));
}

function findFile(path: string): string | undefined {
  return isThere(path, (found) => found.isFile()) ? path : undefined;
}

function isThere(path: string, isWanted: (found: Stats) => boolean): boolean {
  try {
    return isWanted(statSync(path));
  } catch (error) {
    // What may not be looked at is there; asking it will say what is missing.
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}
