/**
 * containerd's own API: every container, whoever asked for it. The only way to those of `ctr` and nerdctl, and the one
 * that knows a pod's sandbox before CRI does.
 */
import type { SubjectAttributes } from "../../resolved-subject.ts";
import { GrpcChannel } from "../grpc-channel.ts";
import { readImageReference } from "../image-reference.ts";
import { dropEmpty, pickLabels, readKubernetesLabels } from "../labels.ts";
import type { LabelChoice, Source, Told, Wanted } from "../source.ts";

interface Container {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly spec: { readonly value: Uint8Array } | null;
}

const listNamespaces = {
  method: "/containerd.services.namespaces.v1.Namespaces/List",
  request: "containerd.ListNamespacesRequest",
  response: "containerd.ListNamespacesResponse",
};
const listContainers = {
  method: "/containerd.services.containers.v1.Containers/List",
  request: "containerd.ListContainersRequest",
  response: "containerd.ListContainersResponse",
};
/** Docker keeps names and images to itself. */
const DOCKER = "moby";

export function openContainerd(socket: string, labels: LabelChoice): Source {
  const channel = new GrpcChannel(socket, new URL("containerd.proto", import.meta.url));
  return {
    find: async (wanted, signal) => {
      const ids = new Set(wanted.flatMap(({ containerIds, names }) => [...containerIds, ...names]));
      if (ids.size === 0) return [];
      const { namespaces } = await channel.call<{ namespaces: readonly { name: string }[] }>(
        listNamespaces,
        {},
        { signal },
      );
      const found = await Promise.all(
        namespaces
          .filter(({ name }) => name !== DOCKER)
          .map(async ({ name }) => {
            const filters = [...ids].map((id) => `id==${JSON.stringify(id)}`);
            const metadata = { "containerd-namespace": name };
            return channel.call<{ containers: readonly Container[] }>(
              listContainers,
              { filters },
              { signal, metadata },
            );
          }),
      );
      const containers = found.flatMap((answer) => answer.containers);
      return wanted.flatMap((cgroup) => containers.flatMap((container) => match(cgroup, container, labels)));
    },
    close: () => {
      channel.close();
    },
  };
}

function match(wanted: Wanted, container: Container, labels: LabelChoice): Told[] {
  const evidence = { cgroupsPath: readCgroupsPath(container) };
  if (wanted.containerIds.includes(container.id))
    return [{ containerId: container.id, attributes: describe(container, labels), evidence }];
  const path = evidence.cgroupsPath ?? "";
  if (!wanted.names.includes(container.id) || !path.startsWith("/") || path === "/") return [];
  if (!`${wanted.path}/`.startsWith(`${path}/`)) return [];
  return [{ containerId: undefined, path, attributes: describe(container, labels), evidence }];
}

function describe({ id, labels, image }: Container, chosen: LabelChoice): SubjectAttributes {
  const kubernetes = readKubernetesLabels(labels);
  const isSandbox = labels["io.cri-containerd.kind"] === "sandbox";
  return {
    "container.id": id,
    ...dropEmpty({
      "container.name": labels["nerdctl/name"] ?? kubernetes["k8s.container.name"] ?? id,
    }),
    "container.runtime.name": "containerd",
    ...readImageReference(image),
    ...kubernetes,
    ...pickLabels("container.label", labels, chosen.container),
    // The kubelet gives a sandbox the labels of its pod.
    ...(isSandbox ? pickLabels("k8s.pod.label", labels, chosen.pod) : {}),
  };
}

/** `linux.cgroupsPath` of the OCI runtime specification. */
function readCgroupsPath({ spec }: Container): string | undefined {
  const bytes = spec?.value ?? new Uint8Array();
  const { linux } = JSON.parse(new TextDecoder().decode(bytes)) as { linux?: { cgroupsPath?: unknown } };
  const path = linux?.cgroupsPath;
  return typeof path === "string" ? path : undefined;
}
