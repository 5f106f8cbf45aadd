/** Ports of 802.3ad bonds as they were last seen; turns each new look into changes. */
import type { Bond, BondPort, EventNetwork, NetworkLink } from "#receiver/tracing/contract.ts";
import { HeardPorts } from "./heard-ports.ts";
import type { PortStates } from "./heard-ports.ts";
import { isInService, isPartnerLost } from "./port-state.ts";
import type { BondingLacpRecord } from "./record.generated.ts";
import type { KerntelBondingLacpAttributes } from "./telemetry.generated.ts";

export type ChangeKind = KerntelBondingLacpAttributes["kerntel.bonding_lacp.change"];

export interface Port extends PortStates {
  readonly index: number;
  readonly name: string;
  readonly bondIndex: number;
  readonly bondName: string;
  readonly linkFailures: number;
}

export interface Change {
  readonly kind: ChangeKind;
  readonly now: Port;
  readonly before: Port | undefined;
  readonly isBad: boolean;
}

export interface PortTableOptions {
  /** Nanoseconds since boot. */
  now(): number;
  /** There is a port where there was none, or another's. */
  onJoined(index: number): void;
}

export class PortTable {
  readonly #heard = new HeardPorts();
  readonly #options: PortTableOptions;
  readonly #network: Pick<EventNetwork, "bond" | "bondPort">;
  readonly #bonds = new Map<number, { readonly name: string; readonly bond: Bond }>();
  readonly #ports = new Map<number, Port>();
  #isComplete = false;

  constructor(network: Pick<EventNetwork, "bond" | "bondPort">, options: PortTableOptions) {
    this.#network = network;
    this.#options = options;
  }

  get ports(): Iterable<Port> {
    return this.#ports.values();
  }

  /** Whether `hear` is told of changes. */
  set isHooked(isHooked: boolean) {
    this.#heard.isHooked = isHooked;
  }

  get isEmpty(): boolean {
    return this.#bonds.size === 0;
  }

  /** Ports of the bond's active aggregator. */
  aggregatorPorts(bondIndex: number): number | undefined {
    return this.#bonds.get(bondIndex)?.bond.aggregator?.portCount;
  }

  /** What there was at the beginning is known: from now on a port is new. */
  complete(): void {
    this.#isComplete = true;
  }

  /** What rtnetlink says. */
  take(link: NetworkLink): Change[] {
    const bond = this.#network.bond(link);
    if (bond?.mode === "802.3ad") this.#bonds.set(link.index, { name: link.name, bond });
    else this.#bonds.delete(link.index);
    const before = this.#ports.get(link.index);
    const seen = this.#toPort(link, this.#network.bondPort(link));
    if (seen === undefined) return this.#forget(link.index);
    const now = this.#believe(seen, before);
    this.#ports.set(link.index, now);
    if (before === undefined) return this.#isComplete ? [{ kind: "joined", now, before, isBad: false }] : [];
    return findChanges(before, now);
  }

  /** What the hook in the driver says. */
  hear(record: BondingLacpRecord): Change[] {
    const { interfaceIndex, bondIndex, time, actorState, partnerState, aggregatorId } = record;
    const before = this.#ports.get(interfaceIndex);
    if (before?.bondIndex !== bondIndex || !this.#heard.hear(interfaceIndex, time)) return [];
    const now = { ...before, actorState, partnerState, aggregatorId };
    this.#ports.set(interfaceIndex, now);
    return findChanges(before, now);
  }

  remove(index: number): Change[] {
    this.#bonds.delete(index);
    return this.#forget(index);
  }

  #believe(seen: Port, before: Port | undefined): Port {
    const time = this.#options.now();
    if (before?.bondIndex !== seen.bondIndex) {
      this.#heard.join(seen.index, time);
      this.#options.onJoined(seen.index);
      return seen;
    }
    if (this.#heard.believes(seen.index, seen, before, time)) return seen;
    const { actorState, partnerState, aggregatorId } = before;
    return { ...seen, actorState, partnerState, aggregatorId };
  }

  #forget(index: number): Change[] {
    this.#heard.leave(index);
    const before = this.#ports.get(index);
    this.#ports.delete(index);
    return before === undefined ? [] : [{ kind: "left", now: before, before, isBad: true }];
  }

  /** Only those in 802.3ad have states. */
  #toPort(link: NetworkLink, port: BondPort | undefined): Port | undefined {
    if (port?.actorState === undefined || port.partnerState === undefined) return undefined;
    return {
      index: link.index,
      name: link.name,
      bondIndex: link.master,
      bondName: this.#bonds.get(link.master)?.name ?? `index ${link.master}`,
      actorState: port.actorState,
      partnerState: port.partnerState,
      aggregatorId: port.aggregatorId ?? 0,
      linkFailures: port.linkFailures,
    };
  }
}

export function findChanges(before: Port, now: Port): Change[] {
  const changes: Change[] = [];
  const add = (kind: ChangeKind, isBad: boolean): void => {
    changes.push({ kind, now, before, isBad });
  };
  const [wasLost, isLost] = [isPartnerLost(before.actorState), isPartnerLost(now.actorState)];
  const [wasServing, isServing] = [isInService(before.actorState), isInService(now.actorState)];
  if (wasLost !== isLost) add(isLost ? "partner_lost" : "partner_found", isLost);
  if (wasServing !== isServing) add(isServing ? "in_service" : "out_of_service", !isServing);
  if (before.aggregatorId !== now.aggregatorId) add("aggregator", false);
  const isOther = before.actorState !== now.actorState || before.partnerState !== now.partnerState;
  // The steps of a negotiation; bad where a port that serves has a partner that does not.
  if (changes.length === 0 && isOther) add("state", isServing && !isInService(now.partnerState));
  return changes;
}
