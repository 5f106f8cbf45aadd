/** Paths of cgroups that owned the socket of a described drop, for the summaries of their other drops. */

/** Some hundred bytes each; a machine has fewer containers than this. */
const PATHS = 1_024;

export class CgroupPaths {
  readonly #byId = new Map<bigint, string>();

  remember(id: bigint, path: string): void {
    if (id === 0n || path === "") return;
    // The one that was used last goes last, so that the first is the one to forget.
    this.#byId.delete(id);
    this.#byId.set(id, path);
    if (this.#byId.size <= PATHS) return;
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#byId.delete(oldest);
  }

  /** `""` where it was not remembered. */
  find(id: bigint): string {
    return this.#byId.get(id) ?? "";
  }
}
