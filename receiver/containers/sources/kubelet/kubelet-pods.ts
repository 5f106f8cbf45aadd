/** What the kubelet's answer to GET /pods says about containers: a v1.PodList, of which any part may be missing. */
import type { SubjectAttributes } from "../../resolved-subject.ts";
import { readImageReference } from "../image-reference.ts";
import { dropEmpty, pickLabels } from "../labels.ts";
import type { LabelChoice } from "../source.ts";

export interface KnownPods {
  /** By the id without its runtime. */
  readonly containers: ReadonlyMap<string, SubjectAttributes>;
  /** By uid. */
  readonly pods: ReadonlyMap<string, SubjectAttributes>;
}

interface Pod {
  readonly metadata?: {
    readonly name?: unknown;
    readonly namespace?: unknown;
    readonly uid?: unknown;
    readonly labels?: Readonly<Record<string, unknown>>;
  };
  readonly spec?: { readonly nodeName?: unknown };
  readonly status?: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name?: unknown;
  readonly containerID?: unknown;
  readonly image?: unknown;
  readonly restartCount?: unknown;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly terminated?: { readonly containerID?: unknown };
}

/** Throws a `TypeError` where it is no list of pods. */
export function readPods(body: unknown, labels: LabelChoice): KnownPods {
  const { items } = (body ?? {}) as { items?: unknown };
  // A node without pods has null in its place.
  if (items !== null && !Array.isArray(items)) throw new TypeError("the kubelet's answer is no list of pods");
  const containers = new Map<string, SubjectAttributes>();
  const pods = new Map<string, SubjectAttributes>();
  for (const pod of (items ?? []) as readonly (Pod | null)[]) {
    if (typeof pod !== "object" || pod === null) continue;
    const attributes = describePod(pod, labels);
    const { uid } = pod.metadata ?? {};
    if (typeof uid === "string") pods.set(uid, attributes);
    for (const status of statusesOf(pod)) addContainer(containers, attributes, status);
  }
  return { containers, pods };
}

function describePod({ metadata, spec }: Pod, { pod: chosen }: LabelChoice): SubjectAttributes {
  return {
    ...dropEmpty({
      "k8s.pod.name": metadata?.name,
      "k8s.namespace.name": metadata?.namespace,
      "k8s.pod.uid": metadata?.uid,
      "k8s.node.name": spec?.nodeName,
    }),
    ...pickLabels("k8s.pod.label", metadata?.labels, chosen),
  };
}

function statusesOf({ status }: Pod): ContainerStatus[] {
  return [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
}

/** One that waits to be started again has no id of its own yet, but had one before. */
function addContainer(
  containers: Map<string, SubjectAttributes>,
  pod: SubjectAttributes,
  status: ContainerStatus,
): void {
  const { name, restartCount: restarts, image } = status;
  const now = readId(status.containerID) ?? readId(status.state?.terminated?.containerID);
  const before = readId(status.lastState?.terminated?.containerID);
  const count = typeof restarts === "number" ? restarts : undefined;
  const describe = (id: string, restartCount: number | undefined): void => {
    containers.set(id, {
      "container.id": id,
      ...dropEmpty({
        "container.name": name,
        "k8s.container.name": name,
        "k8s.container.restart_count": restartCount,
      }),
      ...readImageReference(image),
      ...pod,
    });
  };
  if (now !== undefined) describe(now, count);
  // While it waits after a crash, the id of the last run stands for both.
  if (before !== undefined && before !== now)
    describe(before, count === undefined ? undefined : Math.max(count - 1, 0));
}

/** `containerd://ID` */
function readId(text: unknown): string | undefined {
  return typeof text === "string" ? /^[a-z0-9.+-]+:\/\/(\S+)$/.exec(text)?.[1] : undefined;
}
