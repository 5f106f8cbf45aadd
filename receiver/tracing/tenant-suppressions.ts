/** What an event's limit suppressed by tenant, as its BPF programs count it, over all runs of the event. */
import type { BpfMap } from "bpf-loader-napi";

/** The map of bpf/include/tenant-limit.h: from a tenant's number to a count. */
export const SUPPRESSED_TENANTS = "suppressed_tenants";

export interface SuppressionMap extends Pick<BpfMap, "delete"> {
  entries(): Iterable<readonly [key: unknown, value: unknown]>;
}

export class TenantSuppressions {
  readonly #settled = new Map<bigint, number>();
  readonly #live = new Set<SuppressionMap>();

  /** Disposing the result reads the map one last time; do it before its object is closed. */
  follow(map: SuppressionMap): Disposable {
    this.#live.add(map);
    return {
      [Symbol.dispose]: () => {
        if (!this.#live.delete(map)) return;
        addTo(this.#settled, map);
      },
    };
  }

  counts(): ReadonlyMap<bigint, number> {
    const total = new Map(this.#settled);
    for (const map of this.#live) addTo(total, map);
    return total;
  }

  /** For a tenant that is gone; its place in the kernel is free for another one. */
  forget(tenant: bigint): void {
    this.#settled.delete(tenant);
    for (const map of this.#live) map.delete(tenant);
  }
}

function addTo(total: Map<bigint, number>, map: SuppressionMap): void {
  for (const [tenant, count] of map.entries()) {
    if (typeof tenant !== "bigint") continue;
    total.set(tenant, (total.get(tenant) ?? 0) + Number(count));
  }
}
