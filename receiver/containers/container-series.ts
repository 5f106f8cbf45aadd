/** Which containers have series of their own: those that a runtime has confirmed or the kernel proves, up to a limit. */
import type { Cgroup } from "./cgroup.ts";
import type { Owners } from "./owners.ts";
import { noStanding } from "./standing.ts";

/** As many as events have room for in the kernel (events/memreclaim/durations.h). */
const SERIES = 1_024;

export interface SeriesCounts {
  readonly limit: number;
  /** Containers that have them now, or had them until they are forgotten. */
  readonly used: number;
}

export class ContainerSeries {
  readonly #owners: Owners;
  readonly #limit: number;
  readonly #keys = new Set<string>();

  constructor(owners: Owners, limit: number = SERIES) {
    this.#owners = owners;
    this.#limit = limit;
  }

  /** As label of a series; undefined for what counts at its parent, without one. */
  idOf(cgroup: Cgroup | undefined): string | undefined {
    const { owner, tenant } = cgroup?.standing ?? noStanding;
    const { kind, containerId } = tenant;
    if (kind !== "container" || owner === undefined) return undefined;
    if (!this.#keys.has(owner.key)) {
      if (this.#keys.size >= this.#limit) this.#dropForgotten();
      if (this.#keys.size >= this.#limit) return undefined;
      this.#keys.add(owner.key);
    }
    return containerId;
  }

  counts(): SeriesCounts {
    this.#dropForgotten();
    return { limit: this.#limit, used: this.#keys.size };
  }

  #dropForgotten(): void {
    for (const key of this.#keys) if (this.#owners.get(key) === undefined) this.#keys.delete(key);
  }
}
