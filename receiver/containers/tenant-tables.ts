/**
 * Tells the kernel which cgroups and network namespaces belong to which tenant, so that BPF programs can give each its share of an
 * event's limit (bpf/include/tenant-limit.h). The tables exist as long as the receiver: an event that restarts, and the part of
 * containers, find them as they were.
 */
import { openObject } from "bpf-loader-napi";
import type { BpfMap, LoadedObject } from "bpf-loader-napi";
import type { EventLog } from "../tracing/contract.ts";
import { TenantNumbers } from "./tenant-numbers.ts";
import { hostTenant } from "./tenant.ts";
import type { TenantFollower, TenantRoot } from "./tenant.ts";

/** OF_VERSION1 in bpf/include/tenant.h: ids of two hierarchies may be the same. */
const OF_VERSION1 = 1n << 63n;

/**
 * Of one container. A process in it may make as many as it likes: of more, its first one stays, which is the container's own, and
 * of the others the newest.
 */
const NAMESPACES_EACH = 32;

export type TenantMap = Pick<BpfMap, "update" | "delete">;

export interface TenantMaps<Kind extends TenantMap = TenantMap> {
  /** By cgroup: `tenants` of tenant-maps.h. */
  readonly tenants: Kind;
  /** By network namespace: `net_tenants`. */
  readonly net_tenants: Kind;
}

export interface TenantCounts {
  /** Directories that are the root of a tenant. */
  readonly cgroups: number;
  /** Network namespaces of containers. */
  readonly namespaces: number;
  /** What a table had no room for, so that the tenant above it is charged: cgroups, namespaces. */
  readonly rejected: { readonly cgroups: number; readonly namespaces: number };
}

/** Throws the loader's error where the kernel refuses the maps. */
export function createTenantMaps(): { readonly object: LoadedObject; readonly maps: TenantMaps<BpfMap> } {
  const object = openObject(new URL("tenants.bpf.o", import.meta.url)).load();
  return { object, maps: { tenants: object.map("tenants"), net_tenants: object.map("net_tenants") } };
}

export class TenantTables implements TenantFollower {
  readonly #maps: TenantMaps;
  readonly #log: Pick<EventLog, "warn">;
  readonly #numbers: TenantNumbers;
  /** By the key in the map: the key of the tenant. */
  readonly #cgroups = new Map<bigint, string>();
  /** By cookie: the container's id, also where its root is not known yet. */
  readonly #namespaces = new Map<bigint, string>();
  readonly #namespacesOf = new Map<string, Set<bigint>>();
  readonly #rejected = { cgroups: 0, namespaces: 0 };

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(maps: TenantMaps, log: Pick<EventLog, "warn">, nowMs?: () => number) {
    this.#maps = maps;
    this.#log = log;
    this.#numbers = new TenantNumbers(nowMs);
  }

  appeared({ tenant, hierarchy, cgroupId }: TenantRoot): void {
    const place = hierarchy === 0 ? cgroupId : cgroupId | OF_VERSION1;
    const before = this.#cgroups.get(place);
    if (tenant.key === hostTenant.key) {
      this.#remove(place);
      return;
    }
    const number = this.#numbers.take(tenant);
    if (before !== undefined) this.#release(before);
    this.#cgroups.set(place, tenant.key);
    if (!this.#write("tenants", place, number)) {
      this.#rejected.cgroups++;
      this.#remove(place);
      return;
    }
    // A user's container is the user, whose namespaces the kernel tells by their owner.
    if (this.#numbers.containerId(number) === undefined) return;
    for (const cookie of this.#namespacesOf.get(tenant.containerId ?? "") ?? [])
      this.#writeNamespace(cookie, number);
  }

  removed({ hierarchy, cgroupId }: TenantRoot): void {
    this.#remove(hierarchy === 0 ? cgroupId : cgroupId | OF_VERSION1);
  }

  /** A process of this container is in the namespace; of several containers that share one, the first is charged. */
  addNamespace(cookie: bigint, containerId: string): void {
    const before = this.#namespaces.get(cookie);
    if (cookie === 0n || (before !== undefined && this.#numbers.ofContainer(before) !== undefined)) return;
    this.removeNamespace(cookie);
    this.#namespaces.set(cookie, containerId);
    const cookies = this.#namespacesOf.get(containerId) ?? new Set();
    const [, second] = cookies;
    if (cookies.size >= NAMESPACES_EACH && second !== undefined) this.removeNamespace(second);
    this.#namespacesOf.set(containerId, cookies.add(cookie));
    const number = this.#numbers.ofContainer(containerId);
    if (number !== undefined) this.#writeNamespace(cookie, number);
  }

  /** It is gone, or forgotten for want of room. */
  removeNamespace(cookie: bigint): void {
    const containerId = this.#namespaces.get(cookie);
    if (containerId === undefined) return;
    this.#namespaces.delete(cookie);
    const cookies = this.#namespacesOf.get(containerId);
    cookies?.delete(cookie);
    if (cookies?.size === 0) this.#namespacesOf.delete(containerId);
    this.#erase("net_tenants", cookie);
  }

  /** The container that a BPF program charged, also for some minutes after it is gone. */
  containerId(tenant: bigint): string | undefined {
    return this.#numbers.containerId(tenant);
  }

  /** Tenants that ended minutes ago, and of which no program need count any more. Each is named once. */
  takeEnded(): readonly bigint[] {
    return this.#numbers.takeEnded();
  }

  counts(): TenantCounts {
    return {
      cgroups: this.#cgroups.size,
      namespaces: this.#namespaces.size,
      rejected: { ...this.#rejected },
    };
  }

  #remove(place: bigint): void {
    const key = this.#cgroups.get(place);
    if (key === undefined) return;
    this.#cgroups.delete(place);
    this.#erase("tenants", place);
    this.#release(key);
  }

  /** One root less; with the last one of a container its namespaces are nobody's. */
  #release(key: string): void {
    const containerId = this.#numbers.release(key);
    if (containerId === undefined) return;
    for (const cookie of this.#namespacesOf.get(containerId) ?? []) this.removeNamespace(cookie);
  }

  #writeNamespace(cookie: bigint, number: bigint): void {
    if (this.#write("net_tenants", cookie, number)) return;
    this.#rejected.namespaces++;
    this.removeNamespace(cookie);
  }

  #write(map: keyof TenantMaps, key: bigint, value: bigint): boolean {
    try {
      this.#maps[map].update(key, value);
      return true;
    } catch (error) {
      this.#log.warn("a tenant shares the limits of the one above it", error);
      return false;
    }
  }

  #erase(map: keyof TenantMaps, key: bigint): void {
    try {
      this.#maps[map].delete(key);
    } catch (error) {
      // The entry stays: ids and cookies are not used again, so it charges nobody.
      this.#log.warn("an entry of a tenant that is gone could not be deleted", error);
    }
  }
}
