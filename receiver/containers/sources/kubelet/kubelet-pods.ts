/** What the kubelet's answer to GET /pods says about containers: a v1.PodList, of which any part may be missing. */
import type { SubjectAttributes } from "../../resolved-subject.ts";
import { readImageReference } from "../image-reference.ts";
import { dropEmpty, pickLabels } from "../labels.ts";
import type { LabelChoice } from "../source.ts";
import { JsonItems } from "./json-items.ts";

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

/** Takes the answer piece by piece, and keeps only what is asked for. */
export class PodList {
  readonly #labels: LabelChoice;
  readonly #containers = new Map<string, SubjectAttributes>();
  readonly #pods = new Map<string, SubjectAttributes>();
  readonly #items = new JsonItems("items", (pod) => this.#add(pod as Pod));

  constructor(labels: LabelChoice) {
    this.#labels = labels;
  }

  /** Throws where it is no JSON. */
  take(chunk: Buffer): void {
    this.#items.take(chunk);
  }

  /** Throws where something is missing; a `TypeError` where it was no list of pods. */
  finish(): KnownPods {
    this.#items.end();
    // A node without pods has null in its place.
    if (!this.#items.hasArray) throw new TypeError("the kubelet's answer is no list of pods");
    return { containers: this.#containers, pods: this.#pods };
  }

  #add(pod: Pod): void {
    const attributes = describePod(pod, this.#labels);
    const { uid } = pod.metadata ?? {};
    if (typeof uid === "string") this.#pods.set(uid, attributes);
    for (const status of statusesOf(pod)) addContainer(this.#containers, attributes, status);
  }
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

/** What is odd costs only itself: the other containers of the list are still reported. */
function statusesOf({ status }: Pod): ContainerStatus[] {
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = status ?? {};
  return [initContainerStatuses, containerStatuses, ephemeralContainerStatuses]
    .flatMap((each): readonly (ContainerStatus | null)[] => (Array.isArray(each) ? each : []))
    .filter((each) => each !== null);
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
