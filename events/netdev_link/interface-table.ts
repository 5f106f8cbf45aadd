/** All interfaces as they were last seen; turns each new look into changes. */
import type { EthtoolLink, EventNetwork, NetworkLink } from "#receiver/tracing/contract.ts";
import { findChanges } from "./change.ts";
import type { Change, Interface, Master } from "./change.ts";

export interface TableOptions {
  readonly network: Pick<EventNetwork, "bondPort" | "speed">;
  /** Nobody asks the driver of an interface that is not wanted. */
  isWanted(link: NetworkLink): boolean;
}

export class InterfaceTable {
  readonly #options: TableOptions;
  readonly #interfaces = new Map<number, Interface>();
  #isComplete = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  get all(): Iterable<Interface> {
    return this.#interfaces.values();
  }

  /** Every interface that there was at the beginning is known: from now on an unknown one is new. */
  complete(): void {
    this.#isComplete = true;
  }

  take(link: NetworkLink): Change[] {
    const before = this.#interfaces.get(link.index);
    const now: Interface = {
      link,
      speed: this.#speedOf(link) ?? before?.speed,
      master: this.#masterOf(link),
      port: this.#options.network.bondPort(link),
    };
    this.#interfaces.set(link.index, now);
    if (before !== undefined) return findChanges(before, now);
    return this.#isComplete ? [{ kind: "added", now, before, isBad: false }] : [];
  }

  remove(index: number): Change[] {
    const before = this.#interfaces.get(index);
    this.#interfaces.delete(index);
    return before === undefined ? [] : [{ kind: "removed", now: before, before, isBad: true }];
  }

  #speedOf(link: NetworkLink): EthtoolLink | undefined {
    if (!link.isRunning || !this.#options.isWanted(link)) return undefined;
    const speed = this.#options.network.speed(link.name);
    return speed?.speedMegabits === undefined ? undefined : speed;
  }

  #masterOf({ master }: NetworkLink): Master | undefined {
    if (master === 0) return undefined;
    const found = this.#interfaces.get(master)?.link;
    return { name: found?.name ?? `index ${master}`, kind: found?.kind ?? "" };
  }
}
