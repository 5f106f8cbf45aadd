/** Durations by kind and container, out of counts by kind and cgroup: a container has many cgroups, and they end. */
import type { KernelSum } from "#receiver/tracing/contract.ts";
import type { DurationHistogram } from "#receiver/tracing/duration-histogram.ts";

/** Long enough for every reader to fetch the last values. */
const KEEP_MS = 300_000;

export interface DurationKey {
  readonly cgroup_id: bigint;
  readonly kind: bigint;
}

export type DurationSum = KernelSum<DurationKey, DurationHistogram>;

/** An entry of the kernel half's map of cgroups. */
export interface CountedCgroup {
  readonly id: bigint;
  /** Undefined for what is in no container. */
  readonly containerId: string | undefined;
  readonly isRemoved: boolean;
}

export interface Series extends DurationHistogram {
  readonly kind: number;
  readonly containerId: string | undefined;
}

interface Known {
  readonly containerId: string | undefined;
  removedAtMs?: number;
}

/** Under which the kernel half counts all that is in directories of users (durations.h). */
const OF_USERS = 0n;

export class StallSeries {
  readonly #cgroups = new Map<bigint, Known>();
  /** What cgroups counted that are gone while their container, or the host, is not. */
  readonly #ended = new Map<string, Series>();

  /**
   * Takes what the kernel half says now, and returns the cgroups whose entries it may forget. A series ends some
   * minutes after the last cgroup of its container did.
   */
  note(cgroups: readonly CountedCgroup[], sums: readonly DurationSum[], nowMs: number): readonly bigint[] {
    for (const { id, containerId, isRemoved } of cgroups) {
      const known = this.#cgroups.get(id) ?? { containerId };
      this.#cgroups.set(id, known);
      if (isRemoved) known.removedAtMs ??= nowMs;
    }
    const over = [...this.#cgroups].filter(([, { removedAtMs = nowMs }]) => nowMs - removedAtMs >= KEEP_MS);
    for (const [id, { containerId }] of over) {
      this.#cgroups.delete(id);
      this.#settle(id, containerId, sums);
    }
    this.#dropEnded();
    return over.map(([id]) => id);
  }

  /** One for each kind and container that has any. */
  read(sums: readonly DurationSum[]): readonly Series[] {
    const series = new Map(this.#ended);
    for (const { key, value } of sums) {
      const isUsers = key.cgroup_id === OF_USERS;
      const known = isUsers ? { containerId: undefined } : this.#cgroups.get(key.cgroup_id);
      // Not one that ended, of which an earlier run may still tell, nor one so new that it was not noted yet.
      if (known !== undefined) addTo(series, Number(key.kind), known.containerId, value);
    }
    return [...series.values()];
  }

  #settle(id: bigint, containerId: string | undefined, sums: readonly DurationSum[]): void {
    for (const { key, value } of sums)
      if (key.cgroup_id === id) addTo(this.#ended, Number(key.kind), containerId, value);
  }

  #dropEnded(): void {
    const alive = new Set([...this.#cgroups.values()].map(({ containerId }) => containerId));
    for (const [name, { containerId }] of this.#ended)
      if (containerId !== undefined && !alive.has(containerId)) this.#ended.delete(name);
  }
}

function addTo(
  series: Map<string, Series>,
  kind: number,
  containerId: string | undefined,
  { buckets, sum }: DurationHistogram,
): void {
  const name = `${kind} ${containerId ?? ""}`;
  const before = series.get(name);
  series.set(name, {
    kind,
    containerId,
    buckets: buckets.map((count, index) => count + (before?.buckets[index] ?? 0)),
    sum: sum + (before?.sum ?? 0),
  });
}
