/** What records are about beside the host: a container, a pod, a unit of systemd or a user, with what is known of it. */
import type { Cgroup } from "./cgroup.ts";
import type { PathContainer, PathPod } from "./cgroup-identity.ts";
import type { ResolvedSubject, SubjectAttributes } from "./resolved-subject.ts";

/** A source of metadata; another one of the same name, at another place, may know better. */
export interface Teller {
  readonly name: string;
  /** Its place in the list of sources: what a source of a greater number says is laid over what the others say. */
  readonly trust: number;
}

interface Told {
  readonly trust: number;
  /** `undefined`: by one who may know more later. */
  readonly by: Teller | undefined;
  readonly attributes: SubjectAttributes;
}

export type OwnerKind = "container" | "pod" | "unit" | "user";

export interface OwnerOptions {
  readonly kind: OwnerKind;
  readonly fromPath: SubjectAttributes;
  /** Called when somebody tells about it for the first time. */
  readonly onKnown?: (owner: Owner) => void;
}

export class Owner {
  readonly key: string;
  readonly kind: OwnerKind;
  /** How many cgroups are in it; kept by `Owners`. */
  cgroupCount = 0;
  /** The uppermost ones of these; of a container one for each time it ran, as long as that is remembered. */
  readonly roots: Set<Cgroup> = new Set<Cgroup>();
  /** Of a user's container: the key that a container of root's with this id would have. */
  rootKey: string | undefined;
  readonly #fromPath: SubjectAttributes;
  readonly #told = new Map<string, Told>();
  #resolved: ResolvedSubject;

  readonly #onKnown: (owner: Owner) => void;

  constructor(key: string, { kind, fromPath, onKnown = (): void => {} }: OwnerOptions) {
    this.key = key;
    this.kind = kind;
    this.#onKnown = onKnown;
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

  /** By this one; what one of the same name told before stays until it tells. */
  isToldBy(source: Teller): boolean {
    return this.#told.get(source.name)?.by === source;
  }

  /** `isPartial`: the source will know more of it; what was known before stays beside it. */
  learn(source: Teller, attributes: SubjectAttributes, isPartial = false): void {
    const { name, trust } = source;
    const before = this.#told.get(name)?.attributes;
    if (isPartial) this.#replace(name, { trust, by: undefined, attributes: { ...before, ...attributes } });
    else this.#replace(name, { trust, by: source, attributes });
  }

  /** Of what was told only the attributes that `isWanted`. */
  keepOnly(isWanted: (name: string) => boolean): void {
    for (const [name, { trust, by, attributes }] of this.#told) {
      if (Object.keys(attributes).every(isWanted)) continue;
      const kept = Object.fromEntries(Object.entries(attributes).filter(([key]) => isWanted(key)));
      this.#replace(name, { trust, by, attributes: kept as SubjectAttributes });
    }
  }

  #replace(name: string, told: Told): void {
    const before = this.#told.get(name)?.attributes;
    const isFirst = this.#told.size === 0;
    this.#told.set(name, told);
    if (before !== undefined && isEqual(before, told.attributes)) return;
    const inOrder = [...this.#told.values()].toSorted((one, other) => one.trust - other.trust);
    const attributes = Object.assign(
      {},
      this.#fromPath,
      ...inOrder.map((each) => each.attributes),
    ) as SubjectAttributes;
    this.#resolved = { attributes, attribution: "resolved" };
    if (isFirst) this.#onKnown(this);
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
