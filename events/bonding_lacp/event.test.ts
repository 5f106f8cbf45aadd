/** Changes of ports go in; log records and metrics come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readBondFile } from "./bond-file.ts";
import { describeChange } from "./describe.ts";
import { createBondingLacp } from "./event.ts";
import { nameState } from "./port-state.ts";
import { findChanges } from "./port-table.ts";
import type { Port } from "./port-table.ts";

/** Activity, aggregation, synchronization, collecting, distributing. */
const SERVING = 0x3d;
const NEGOTIATING = 0x05;
const DEFAULTED = 0x45;

const port: Port = {
  index: 3,
  name: "eth1",
  bondIndex: 9,
  bondName: "bond0",
  actorState: SERVING,
  partnerState: SERVING,
  aggregatorId: 1,
  linkFailures: 0,
};

const cases: readonly [
  title: string,
  now: Partial<Port>,
  before: Partial<Port>,
  expected: readonly string[],
][] = [
  ["the same", {}, {}, []],
  ["out of service", { actorState: NEGOTIATING }, {}, ["out_of_service!"]],
  ["in service", {}, { actorState: NEGOTIATING }, ["in_service"]],
  ["a partner that is silent", { actorState: DEFAULTED }, {}, ["partner_lost!", "out_of_service!"]],
  ["a partner that expired, while in service", { actorState: SERVING | 0x80 }, {}, ["partner_lost!"]],
  ["a partner that is back", {}, { actorState: DEFAULTED }, ["partner_found", "in_service"]],
  ["another aggregator", { aggregatorId: 2 }, {}, ["aggregator"]],
  ["a partner that stops to collect", { partnerState: 0x0d }, {}, ["state!"]],
  ["a step of the negotiation", { actorState: 0x0d }, { actorState: NEGOTIATING }, ["state"]],
  ["a link failure alone", { linkFailures: 1 }, {}, []],
];
for (const [title, now, before, expected] of cases) {
  test(`${title}: ${expected.join(", ") || "no change"}`, () => {
    const found = findChanges({ ...port, ...before }, { ...port, ...now });
    assert.deepEqual(
      found.map(({ kind, isBad }) => `${kind}${isBad ? "!" : ""}`),
      expected,
    );
  });
}

/** As Linux 6.12 writes it, shortened. */
const file = `Ethernet Channel Bonding Driver: v6.12.117

Bonding Mode: IEEE 802.3ad Dynamic link aggregation
802.3ad info
LACP active: on
System MAC address: 02:00:00:00:00:01

Slave Interface: eth1
MII Status: up
Permanent HW addr: 02:00:00:00:00:02
Aggregator ID: 1
Actor Churn State: none
Partner Churn State: churned
details actor lacp pdu:
    system mac address: 02:00:00:00:00:01
    port key: 15
    port number: 1
details partner lacp pdu:
    system priority: 65535
    system mac address: 02:00:00:00:00:99
    oper key: 15
    port number: 7
    port state: 61

Slave Interface: eth2
MII Status: down
Actor Churn State: monitoring
Partner Churn State: monitoring
details partner lacp pdu:
    system mac address: 00:00:00:00:00:00
    oper key: 1
    port number: 1
`;

test("a port that is out of service becomes a log record with its partner", () => {
  const [change] = findChanges(port, { ...port, actorState: NEGOTIATING });
  assert.ok(change !== undefined);
  const details = readBondFile(file).get("eth1");
  assert.deepEqual(describeChange(change, { time: 7, source: "rtnetlink", details, aggregatorPorts: 1 }), {
    time: 7,
    subject: { kind: "host" },
    severity: 13,
    attributes: {
      "kerntel.bonding_lacp.change": "out_of_service",
      "kerntel.bonding_lacp.source": "rtnetlink",
      "network.interface.name": "eth1",
      "kerntel.bonding_lacp.bond": "bond0",
      "kerntel.network.interface.index": 3,
      "hw.type": "network",
      "kerntel.bonding_lacp.actor.state": ["activity", "aggregation"],
      "kerntel.bonding_lacp.actor.previous_state": [
        "activity",
        "aggregation",
        "synchronization",
        "collecting",
        "distributing",
      ],
      "kerntel.bonding_lacp.partner.state": [
        "activity",
        "aggregation",
        "synchronization",
        "collecting",
        "distributing",
      ],
      "kerntel.bonding_lacp.aggregator.id": 1,
      "kerntel.bonding_lacp.aggregator.ports": 1,
      "kerntel.bonding_lacp.link_failures": 0,
      "kerntel.bonding_lacp.partner.address": "02:00:00:00:00:99",
      "kerntel.bonding_lacp.partner.key": 15,
      "kerntel.bonding_lacp.partner.port": 7,
      "kerntel.bonding_lacp.churn.actor": "none",
      "kerntel.bonding_lacp.churn.partner": "churned",
    },
    body: "Port eth1 of bond0 no longer collects and distributes",
  });
});

test("a partner that is not there has no address", () => {
  assert.equal(readBondFile(file).get("eth2")?.partnerAddress, undefined);
  assert.equal(readBondFile(file).get("eth2")?.actorChurn, "monitoring");
});

test("a file that is cut anywhere breaks nothing", () => {
  for (let length = 0; length < file.length; length++) readBondFile(file.slice(0, length));
  assert.deepEqual([...readBondFile(file).keys()], ["eth1", "eth2"]);
});

test("every bit of a state has its name", () => {
  assert.deepEqual(nameState(0xff), [
    "activity",
    "short_timeout",
    "aggregation",
    "synchronization",
    "collecting",
    "distributing",
    "defaulted",
    "expired",
  ]);
});

test("before the first run the metrics are there without points", () => {
  const metrics = createBondingLacp().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [
      ["kerntel.bonding_lacp.changes", 0],
      ["kerntel.bonding_lacp.ports", 0],
    ],
  );
});
