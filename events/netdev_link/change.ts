/** What is different between two looks at one interface. Pure: what a look is made of is gathered elsewhere. */
import type { BondPort, EthtoolLink, NetworkLink } from "#receiver/tracing/contract.ts";
import type { KerntelNetdevLinkAttributes } from "./telemetry.generated.ts";

export type ChangeKind = KerntelNetdevLinkAttributes["kerntel.netdev_link.change"];

export interface Master {
  readonly name: string;
  readonly kind: string;
}

/** One look. */
export interface Interface {
  readonly link: NetworkLink;
  /** The last that was known, also while there is no carrier. */
  readonly speed: EthtoolLink | undefined;
  readonly master: Master | undefined;
  readonly port: BondPort | undefined;
}

export interface Change {
  readonly kind: ChangeKind;
  readonly now: Interface;
  readonly before: Interface | undefined;
  /** Something got worse. */
  readonly isBad: boolean;
  /** Of a flap: how often the carrier came or went unseen. */
  readonly transitions?: number;
}

/** States of RFC 2863 that say more than "up", "down" and the carrier do. */
const tellingStates: ReadonlySet<string> = new Set(["dormant", "testing", "not_present"]);
/** A counter that went backwards belongs to another interface with the same index. */
const HALF = 2 ** 31;

export function findChanges(before: Interface, now: Interface): Change[] {
  const changes: Change[] = [];
  const add = (kind: ChangeKind, isBad: boolean, more: Partial<Change> = {}): void => {
    changes.push({ kind, now, before, isBad, ...more });
  };
  if (before.link.name !== now.link.name) add("renamed", false);
  if (before.link.master !== now.link.master) {
    if (before.link.master !== 0) add("left", true);
    if (now.link.master !== 0) add("joined", false);
  }
  const transitions = countUnseen(before.link, now.link);
  if (transitions > 0) add("flap", true, { transitions });
  addState(before.link, now.link, add);
  if (isOtherSpeed(before, now)) add("speed", isWorseSpeed(before, now));
  if (isOtherPort(before.port, now.port))
    add("port_state", now.port?.isActive !== true || !now.port.isLinkUp);
  return changes;
}

function addState(
  before: NetworkLink,
  now: NetworkLink,
  add: (kind: ChangeKind, isBad: boolean) => void,
): void {
  if (before.isUp !== now.isUp) {
    add(now.isUp ? "admin_up" : "admin_down", !now.isUp);
  } else if (now.isUp && before.isRunning !== now.isRunning) {
    add(now.isRunning ? "carrier_up" : "carrier_down", !now.isRunning);
  } else if (before.operationalState !== now.operationalState) {
    const isTelling = [before, now].some(({ operationalState }) => tellingStates.has(operationalState));
    if (isTelling) add("operational_state", now.operationalState !== "up");
  }
}

/** Transitions beyond the one that both looks together show. */
function countUnseen(before: NetworkLink, now: NetworkLink): number {
  const counted = (now.carrierChanges - before.carrierChanges) >>> 0;
  if (counted >= HALF) return 0;
  return Math.max(0, counted - (before.hasCarrier === now.hasCarrier ? 0 : 1));
}

function isOtherSpeed({ speed: before }: Interface, { speed: now }: Interface): boolean {
  if (before?.speedMegabits === undefined || now?.speedMegabits === undefined) return false;
  return before.speedMegabits !== now.speedMegabits || before.duplex !== now.duplex;
}

function isWorseSpeed({ speed: before }: Interface, { speed: now }: Interface): boolean {
  return (
    (now?.speedMegabits ?? 0) < (before?.speedMegabits ?? 0) ||
    (before?.duplex === "full" && now?.duplex === "half")
  );
}

/** Joining and leaving are changes of their own. */
function isOtherPort(before: BondPort | undefined, now: BondPort | undefined): boolean {
  if (before === undefined || now === undefined) return false;
  return before.isActive !== now.isActive || before.isLinkUp !== now.isLinkUp;
}
