/** A container, a pod or a unit of systemd, with what is known of it. */
import type { PathContainer, PathPod } from "./cgroup-identity.ts";
import type { ResolvedSubject, SubjectAttributes } from "./resolved-subject.ts";

/** Who tells about containers, the most trusted last: what it says is laid over what the others say. */
export const sourceNames = ["containerd", "docker", "podman", "cri", "kubelet"] as const;
export type SourceName = (typeof sourceNames)[number];

export class Owner {
  readonly key: string;
  /** How many cgroups are in it; kept by `Owners`. */
  cgroupCount = 0;
  readonly #fromPath: SubjectAttributes;
  readonly #told = new Map<SourceName, SubjectAttributes>();
  #resolved: ResolvedSubject;

  constructor(key: string, fromPath: SubjectAttributes) {
    this.key = key;
    this.#fromPath = fromPath;
    this.#resolved = { attributes: fromPath, attribution: "path" };
  }

  /** The same object until something new is told. */
  get resolved(): ResolvedSubject {
    return this.#resolved;
  }

  /** Whether anybody has told about it. */
  get isKnown(): boolean {
    return this.#told.size > 0;
  }

  isToldBy(source: SourceName): boolean {
    return this.#told.has(source);
  }

  learn(source: SourceName, told: SubjectAttributes): void {
    const before = this.#told.get(source);
    if (before !== undefined && isEqual(before, told)) return;
    this.#told.set(source, told);
    const attributes = Object.assign(
      {},
      this.#fromPath,
      ...sourceNames.map((name) => this.#told.get(name)),
    ) as SubjectAttributes;
    this.#resolved = { attributes, attribution: "resolved" };
  }
}

export function describeContainer({ id, runtime, pod }: PathContainer): SubjectAttributes {
  return {
    "container.id": id,
    ...(runtime === undefined ? {} : { "container.runtime.name": runtime }),
    ...(pod === undefined ? {} : describePod(pod)),
  };
}

export function describePod({ uid, qosClass }: PathPod): SubjectAttributes {
  return { "k8s.pod.uid": uid, "kerntel.pod.qos_class": qosClass };
}

/** Attributes are few and flat; a list is the only value that is not simple. */
function isEqual(left: SubjectAttributes, right: SubjectAttributes): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
