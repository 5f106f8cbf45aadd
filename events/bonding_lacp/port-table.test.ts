/** Looks at interfaces and records of the hook go in; each change comes out once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bond, BondPort, NetworkLink } from "#receiver/tracing/contract.ts";
import { PortTable } from "./port-table.ts";
import type { Change } from "./port-table.ts";
import type { BondingLacpRecord } from "./record.generated.ts";

const SERVING = 0x3d;
const NEGOTIATING = 0x05;
const EXPIRED = 0x85;

const link: NetworkLink = {
  index: 3,
  name: "eth1",
  address: "",
  mtu: 1500,
  isUp: true,
  isRunning: true,
  hasCarrier: true,
  operationalState: "up",
  carrierChanges: 0,
  carrierUps: 0,
  carrierDowns: 0,
  master: 9,
  kind: "",
  data: new Map(),
  portKind: "bond",
  portData: new Map(),
};

const bond: Bond = {
  mode: "802.3ad",
  aggregator: { id: 1, portCount: 2, actorKey: 15, partnerKey: 15, partnerAddress: "" },
};

/** A table that knows of bond0 and, unless `hasPort` is false, of its port eth1; it is 1 s since boot. */
class Bench {
  timeNs = 1e9;
  readonly joined: number[] = [];
  readonly table: PortTable;
  #state: number | undefined;

  constructor(state: number | undefined, { hasPort = true, isHooked = true } = {}) {
    this.#state = state;
    this.table = new PortTable(
      {
        bond: ({ kind }) => (kind === "bond" ? bond : undefined),
        bondPort: ({ portKind }) => (portKind === "bond" ? this.#port() : undefined),
      },
      { now: () => this.timeNs, onJoined: (index) => this.joined.push(index) },
    );
    this.table.isHooked = isHooked;
    this.table.take({ ...link, index: 9, name: "bond0", kind: "bond", portKind: "", master: 0 });
    if (hasPort) this.table.take(link);
    this.table.complete();
  }

  /** What rtnetlink says, after so many seconds. */
  see(
    state: number | undefined,
    { after = 0, ...other }: Partial<NetworkLink> & { after?: number } = {},
  ): string[] {
    this.timeNs += after * 1e9;
    this.#state = state;
    return tell(this.table.take({ ...link, ...other }));
  }

  /** What the hook says, of this moment unless `time` says of which. */
  hear(state: number, other: Partial<BondingLacpRecord> = {}): string[] {
    return tell(
      this.table.hear({ ...record, time: this.timeNs, actorState: state, partnerState: state, ...other }),
    );
  }

  #port(): BondPort {
    return {
      isActive: true,
      isLinkUp: true,
      linkFailures: 0,
      aggregatorId: 1,
      actorState: this.#state,
      partnerState: this.#state,
    };
  }
}

const record: BondingLacpRecord = {
  time: 0,
  interfaceIndex: 3,
  bondIndex: 9,
  aggregatorId: 1,
  partnerKey: 15,
  partnerPort: 7,
  actorState: SERVING,
  partnerState: SERVING,
  actorChurn: 2,
  partnerChurn: 2,
  partnerAddress: new Uint8Array(6),
};

function tell(changes: readonly Change[]): string[] {
  return changes.map(({ kind, now }) => `${now.name} of ${now.bondName} ${kind}`);
}

test("only ports of 802.3ad are followed, from joining to leaving", () => {
  const bench = new Bench(NEGOTIATING, { hasPort: false, isHooked: false });
  assert.ok(!bench.table.isEmpty);
  assert.deepEqual(bench.see(NEGOTIATING), ["eth1 of bond0 joined"]);
  assert.deepEqual(bench.see(NEGOTIATING, { index: 4, portKind: "bridge" }), []);
  assert.deepEqual(bench.see(SERVING), ["eth1 of bond0 in_service"]);
  assert.deepEqual(bench.see(SERVING, { master: 0, portKind: "" }), ["eth1 of bond0 left"]);
  assert.deepEqual(bench.see(undefined), []);
  bench.table.remove(9);
  assert.ok(bench.table.isEmpty);
});

test("what the hook and rtnetlink both say is told once, by the hook", () => {
  const bench = new Bench(NEGOTIATING);
  assert.deepEqual(bench.see(SERVING), []);
  assert.deepEqual(bench.hear(SERVING), ["eth1 of bond0 in_service"]);
  assert.deepEqual(bench.hear(NEGOTIATING), ["eth1 of bond0 out_of_service"]);
  assert.deepEqual(bench.see(NEGOTIATING), []);
});

test("a look that is behind or ahead of the hook takes nothing back", () => {
  const bench = new Bench(SERVING);
  assert.deepEqual(bench.see(NEGOTIATING), []);
  assert.deepEqual(bench.hear(EXPIRED), ["eth1 of bond0 partner_lost", "eth1 of bond0 out_of_service"]);
  assert.deepEqual(bench.hear(NEGOTIATING), ["eth1 of bond0 partner_found"]);
  assert.deepEqual(bench.see(SERVING), []);
  assert.deepEqual(bench.see(NEGOTIATING), []);
});

test("a state between two looks is told by the hook", () => {
  const bench = new Bench(SERVING);
  assert.deepEqual(bench.hear(SERVING | 0x80), ["eth1 of bond0 partner_lost"]);
  assert.deepEqual(bench.hear(SERVING), ["eth1 of bond0 partner_found"]);
  assert.deepEqual(bench.see(SERVING, { after: 10 }), []);
});

test("a hook that stays silent about a change is not waited for until it speaks again", () => {
  const bench = new Bench(SERVING);
  assert.deepEqual(bench.see(NEGOTIATING), []);
  assert.deepEqual(bench.see(NEGOTIATING, { after: 0.5 }), []);
  assert.deepEqual(bench.see(NEGOTIATING, { after: 0.5 }), ["eth1 of bond0 out_of_service"]);
  assert.deepEqual(bench.see(SERVING), ["eth1 of bond0 in_service"]);
  assert.deepEqual(bench.hear(SERVING), []);
  assert.deepEqual(bench.see(NEGOTIATING), []);
});

test("a doubt begins anew where the hook speaks, or the looks differ", () => {
  const bench = new Bench(SERVING);
  bench.see(NEGOTIATING);
  bench.hear(SERVING | 0x02);
  assert.deepEqual(bench.see(NEGOTIATING, { after: 2 }), []);
  assert.deepEqual(bench.see(EXPIRED, { after: 2 }), []);
});

test("what the hook said of an earlier port with the same index, or of another bond, is left out", () => {
  const bench = new Bench(SERVING);
  assert.deepEqual(bench.hear(NEGOTIATING, { time: 0.9e9 }), []);
  assert.deepEqual(bench.hear(NEGOTIATING, { bondIndex: 8 }), []);
  assert.deepEqual(bench.hear(NEGOTIATING, { interfaceIndex: 4 }), []);
});

test("the hook is asked for the states of each port that joins, also when it comes back", () => {
  const bench = new Bench(SERVING);
  bench.see(SERVING, { master: 0, portKind: "" });
  assert.deepEqual(bench.see(NEGOTIATING, { after: 1 }), ["eth1 of bond0 joined"]);
  assert.deepEqual(bench.joined, [3, 3]);
  assert.deepEqual(bench.hear(SERVING, { time: 1e9 }), []);
  assert.deepEqual(bench.hear(SERVING), ["eth1 of bond0 in_service"]);
});
