/**
 * Whose is this socket? The container's whose cgroup made it; where that cgroup is in none, the owner's of a network
 * namespace that is not the host's: on version 1 and hybrid hierarchies the kernel keeps of a container's socket only the
 * root of the unified hierarchy (struct sock_cgroup_data).
 */
import type { Cgroup } from "./cgroup.ts";
import type { Namespace } from "./namespace.ts";
import { unknown } from "./resolved-subject.ts";
import type { About, ResolvedSubject } from "./resolved-subject.ts";

export class SocketOwner implements About {
  readonly #cgroup: Cgroup | undefined;
  readonly #namespace: Namespace;

  /** `namespace`: not the host's. */
  constructor(cgroup: Cgroup | undefined, namespace: Namespace) {
    this.#cgroup = cgroup;
    this.#namespace = namespace;
  }

  get resolved(): ResolvedSubject {
    const [cgroup, namespace] = [this.#cgroup, this.#namespace];
    if (cgroup?.isContained === true) return cgroup.resolved;
    if (namespace.isContained) return namespace.resolved;
    // Of two units the one that made the socket.
    if (cgroup?.owner !== undefined) return cgroup.resolved;
    return namespace.isKnown ? namespace.resolved : (cgroup?.resolved ?? unknown);
  }

  get nestedId(): string | undefined {
    return this.#cgroup?.isContained === true ? this.#cgroup.nestedId : undefined;
  }

  get isPending(): boolean {
    if (this.#cgroup?.isPending === true) return true;
    return this.#cgroup?.isContained !== true && this.#namespace.isPending;
  }
}
