/** The numbers by which BPF programs know tenants: `make_tenant` in bpf/include/tenant.h. A number is never used again. */
import type { Tenant } from "./tenant.ts";

/** The upper byte, `enum tenant_kind` in bpf/include/tenant-maps.h. */
const KIND_SHIFT = 56n;
const kinds = { user: 1n, unit: 2n, container: 3n } as const;
/** Long enough for every reader of metrics to fetch the last counts of a container. */
const KEEP_MS = 300_000;

interface Numbered {
  readonly number: bigint;
  readonly containerId: string | undefined;
  roots: number;
}

export class TenantNumbers {
  readonly #byKey = new Map<string, Numbered>();
  readonly #byNumber = new Map<bigint, string>();
  readonly #byContainerId = new Map<string, bigint>();
  /** In the order in which they ended: number, and when. */
  readonly #ended = new Map<bigint, number>();
  readonly #nowMs: () => number;
  #last = 0n;

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number = (): number => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The number of a tenant, with one more root from now on. */
  take({ kind, key, ownerUid, containerId }: Tenant): bigint {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.roots++;
      return known.number;
    }
    // What a user runs is the user's, containers too: else one user could be many tenants.
    const isUsers = kind === "user" || kind === "host" || ownerUid !== 0;
    const number = isUsers
      ? (kinds.user << KIND_SHIFT) | BigInt(ownerUid)
      : (kinds[kind] << KIND_SHIFT) | ++this.#last;
    const named = number >> KIND_SHIFT === kinds.container ? containerId : undefined;
    this.#byKey.set(key, { number, containerId: named, roots: 1 });
    if (named !== undefined) {
      this.#byNumber.set(number, named);
      this.#byContainerId.set(named, number);
    }
    return number;
  }

  /** One of its roots is gone; the tenant ends with the last one. Returns the id of a container that ended. */
  release(key: string): string | undefined {
    const known = this.#byKey.get(key);
    if (known === undefined || --known.roots > 0) return undefined;
    this.#byKey.delete(key);
    const { containerId, number } = known;
    if (containerId === undefined) return undefined;
    this.#byContainerId.delete(containerId);
    this.#ended.set(number, this.#nowMs());
    return containerId;
  }

  /** Undefined for a container without a root, or of a user's. */
  ofContainer(containerId: string): bigint | undefined {
    return this.#byContainerId.get(containerId);
  }

  containerId(number: bigint): string | undefined {
    return this.#byNumber.get(number);
  }

  takeEnded(): readonly bigint[] {
    const oldestMs = this.#nowMs() - KEEP_MS;
    const over = [...this.#ended].filter(([, endedAtMs]) => endedAtMs <= oldestMs).map(([number]) => number);
    for (const number of over) {
      this.#ended.delete(number);
      this.#byNumber.delete(number);
    }
    return over;
  }
}
