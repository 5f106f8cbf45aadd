/** Looks at interfaces go in; changes, log records and metrics come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkLink } from "#receiver/tracing/contract.ts";
import { ChangeCounts } from "./change-counts.ts";
import { findChanges } from "./change.ts";
import type { Change, Interface } from "./change.ts";
import { compileDenyList, defaultDeny } from "./deny-list.ts";
import { describeChange } from "./describe.ts";
import { createNetdevLink } from "./event.ts";
import { InterfaceTable } from "./interface-table.ts";

/** A network card as Linux 6.12 tells it. */
const card: NetworkLink = {
  index: 2,
  name: "eth0",
  address: "02:fc:00:00:00:01",
  mtu: 1500,
  isUp: true,
  isRunning: true,
  hasCarrier: true,
  operationalState: "up",
  carrierChanges: 2,
  carrierUps: 1,
  carrierDowns: 1,
  master: 0,
  kind: "",
  data: new Map(),
  portKind: "",
  portData: new Map(),
};
const lost = { isRunning: false, hasCarrier: false, carrierChanges: 3, operationalState: "down" } as const;
const down = { ...lost, isUp: false } as const;
const active = {
  isActive: true,
  isLinkUp: true,
  linkFailures: 0,
  aggregatorId: undefined,
  actorState: undefined,
  partnerState: undefined,
};

function look(link: Partial<NetworkLink> = {}, rest: Partial<Interface> = {}): Interface {
  return {
    link: { ...card, ...link },
    speed: { speedMegabits: 10_000, duplex: "full" },
    master: undefined,
    port: undefined,
    ...rest,
  };
}

const slow = { speed: { speedMegabits: 1_000, duplex: "full" } } as const;
const half = { speed: { speedMegabits: 10_000, duplex: "half" } } as const;
const unknownSpeed = { speed: undefined };

type Case = readonly [title: string, before: Interface, now: Interface, expected: readonly string[]];
const cases: readonly Case[] = [
  ["the same", look(), look(), []],
  ["carrier lost", look(), look(lost), ["carrier_down!"]],
  ["carrier back", look(lost), look({ carrierChanges: 4 }), ["carrier_up"]],
  ["set down, which takes the carrier with it", look(), look(down), ["admin_down!"]],
  ["set up with carrier", look(down), look({ carrierChanges: 4 }), ["admin_up"]],
  ["a flap between two looks", look(), look({ carrierChanges: 4 }), ["flap!2"]],
  [
    "three transitions, one of them told",
    look(),
    look({ ...lost, carrierChanges: 5 }),
    ["flap!2", "carrier_down!"],
  ],
  ["a counter that wrapped", look({ carrierChanges: 0xffff_ffff }), look({ carrierChanges: 1 }), ["flap!2"]],
  ["a counter that went back", look({ carrierChanges: 9 }), look({ carrierChanges: 1 }), []],
  ["slower", look(), look({}, slow), ["speed!"]],
  ["faster", look({}, slow), look(), ["speed"]],
  ["half duplex", look(), look({}, half), ["speed!"]],
  ["a speed that nobody knows", look(), look({}, unknownSpeed), []],
  ["renamed", look(), look({ name: "ens3" }), ["renamed"]],
  ["joined", look(), look({ master: 9 }), ["joined"]],
  ["moved to another bond", look({ master: 9 }), look({ master: 8 }), ["left!", "joined"]],
  [
    "failed over from",
    look({}, { port: active }),
    look({}, { port: { ...active, isActive: false } }),
    ["port_state!"],
  ],
  [
    "failed over to",
    look({}, { port: { ...active, isActive: false } }),
    look({}, { port: active }),
    ["port_state"],
  ],
  ["dormant", look(), look({ operationalState: "dormant" }), ["operational_state!"]],
  ["up after dormant", look({ operationalState: "dormant" }), look(), ["operational_state"]],
  ["a state that only repeats the carrier", look({ operationalState: "lower_layer_down" }), look(), []],
];
for (const [title, before, now, expected] of cases) {
  test(`${title}: ${expected.join(", ") || "no change"}`, () => {
    const found = findChanges(before, now).map(
      ({ kind, isBad, transitions }) => `${kind}${isBad ? "!" : ""}${transitions ?? ""}`,
    );
    assert.deepEqual(found, expected);
  });
}

test("a lost carrier becomes a log record about the host", () => {
  const [change] = findChanges(look(), look(lost));
  assert.ok(change !== undefined);
  const driver = { driver: "mlx5_core", version: "6.12", firmwareVersion: "22.36", bus: "0000:03:00.0" };
  assert.deepEqual(describeChange(change, 12, driver), {
    time: 12,
    subject: { kind: "host" },
    severity: 13,
    attributes: {
      "kerntel.netdev_link.change": "carrier_down",
      "network.interface.name": "eth0",
      "kerntel.network.interface.index": 2,
      "hw.type": "network",
      "hw.network.physical_address": "02:fc:00:00:00:01",
      "kerntel.network.interface.driver": "mlx5_core",
      "hw.driver_version": "6.12",
      "hw.firmware_version": "22.36",
      "kerntel.netdev_link.bus": "0000:03:00.0",
      "kerntel.netdev_link.up": true,
      "kerntel.netdev_link.carrier": false,
      "kerntel.netdev_link.carrier_changes": 3,
      "kerntel.netdev_link.operational_state": "down",
    },
    body: "Network interface eth0: carrier lost",
  });
});

const bond = { name: "bond0", kind: "bond" };
const told: readonly [change: Change, body: RegExp, attributes: object][] = [
  [
    { kind: "speed", before: look(), now: look({}, slow), isBad: true },
    /10000 Mbit\/s full duplex → 1000 Mbit\/s full duplex$/,
    { "kerntel.netdev_link.previous.speed": 10_000, "kerntel.netdev_link.speed": 1_000 },
  ],
  [
    { kind: "left", before: look({ master: 9 }, { master: bond }), now: look(), isBad: true },
    /left bond bond0$/,
    { "kerntel.netdev_link.master.name": "bond0", "kerntel.netdev_link.master.kind": "bond" },
  ],
  [
    {
      kind: "port_state",
      before: look(),
      now: look({}, { master: bond, port: { ...active, isLinkUp: false, isActive: false } }),
      isBad: true,
    },
    /bond bond0 does not use it, its link is down$/,
    { "kerntel.netdev_link.port.active": false, "kerntel.netdev_link.port.link": false },
  ],
  [
    { kind: "flap", before: look(), now: look(), isBad: true, transitions: 4 },
    /carrier changed 4 times unseen, and is there$/,
    { "kerntel.netdev_link.flap.transitions": 4 },
  ],
  [
    { kind: "renamed", before: look(), now: look({ name: "ens3" }), isBad: false },
    /^Network interface ens3: was eth0 before$/,
    { "kerntel.netdev_link.previous.name": "eth0" },
  ],
];
for (const [change, body, expected] of told) {
  test(`${change.kind} says what it was and what it is`, () => {
    const record = describeChange(change, 0, undefined);
    assert.match(record.body, body);
    assert.deepEqual({ ...record.attributes, ...expected }, record.attributes);
  });
}

test("interfaces of the beginning are no news, later ones are, and the speed outlives the carrier", () => {
  const speeds = [10_000, 1_000];
  const network = {
    bondPort: () => undefined,
    speed: () => ({ speedMegabits: speeds.shift(), duplex: "full" as const }),
  };
  const table = new InterfaceTable({ network, isWanted: ({ name }) => name === "eth0" });
  assert.deepEqual(table.take(card), []);
  table.complete();
  const kinds = [
    table.take({ ...card, ...lost }),
    table.take({ ...card, carrierChanges: 4 }),
    table.take({ ...card, index: 3, name: "veth1" }),
    table.remove(3),
    table.remove(3),
  ].map((changes) => changes.map(({ kind }) => kind));
  assert.deepEqual(kinds, [["carrier_down"], ["carrier_up", "speed"], ["added"], ["removed"], []]);
});

const denied: readonly [entries: readonly string[], name: string, kind: string, expected: boolean][] = [
  [defaultDeny, "lo", "", true],
  [defaultDeny, "cali123", "veth", true],
  [defaultDeny, "eth0", "", false],
  [defaultDeny, "bond0", "bond", false],
  [["veth*"], "veth12ab", "veth", true],
  [["veth*"], "xveth1", "veth", false],
  [["eth?"], "eth1", "", true],
  [["eth?"], "eth10", "", false],
  [["e.h0"], "eth0", "", false],
  [["eth*"], "eth\u2028", "", true],
  [["eth?"], "eth\u{1f40b}", "", true],
  [[String.raw`ab\377*`], String.raw`ab\377c`, "", true],
  [["***************z"], "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", false],
  [["(", "[a"], "(", "", true],
  [[], "lo", "", false],
];
for (const [entries, name, kind, expected] of denied) {
  test(`${name} (${kind}) is ${expected ? "denied" : "watched"} by ${entries.join(" ")}`, () => {
    assert.equal(compileDenyList(entries)({ name, kind }), expected);
  });
}

test("names that are gone for long give their counts back", () => {
  const counts = new ChangeCounts();
  counts.add("eth0", "admin_up");
  for (let index = 0; index < 1_000; index++) {
    counts.add(`tap${index}`, "added");
    counts.add(`tap${index}`, "removed");
  }
  const names = new Set(Array.from(counts.points(), ({ name }) => name));
  assert.equal(names.size, 65);
  assert.ok(names.has("eth0") && names.has("tap999") && !names.has("tap0"));
});

test("before the first run the metrics are there", () => {
  const metrics = createNetdevLink().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [
      ["kerntel.netdev_link.changes", 0],
      ["kerntel.netdev_link.running", 0],
      ["kerntel.netdev_link.overruns", 1],
    ],
  );
});
