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
  /** In the order in which they ended: number, and when. */
  readonly #ended = new Map<bigint, number>();
  readonly #nowMs: () => number;
  #last = 0n;

  /** `nowMs`: milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number = (): number => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The number of a tenant, with one more root from now on. */
  take({ kind, key, ownerUid }: Tenant & { readonly kind: keyof typeof kinds | "host" }): bigint {
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
    const containerId =
      number >> KIND_SHIFT === kinds.container ? key.slice(key.indexOf(" ") + 1) : undefined;
    this.#byKey.set(key, { number, containerId, roots: 1 });
    if (containerId !== undefined) this.#byNumber.set(number, containerId);
    return number;
  }

  /** One of its roots is gone; the tenant ends with the last one. */
  release(key: string): void {
    const known = this.#byKey.get(key);
    if (known === undefined || --known.roots > 0) return;
    this.#byKey.delete(key);
    if (known.containerId !== undefined) this.#ended.set(known.number, this.#nowMs());
  }

  /** Undefined for a tenant without a root. */
  find(key: string): bigint | undefined {
    return this.#byKey.get(key)?.number;
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
