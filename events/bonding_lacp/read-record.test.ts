/** Records of real ports go in, as Linux 6.1 had them between two looks; their changes, partners and log records come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeChange } from "./describe.ts";
import { findChanges } from "./port-table.ts";
import type { Port } from "./port-table.ts";
import { readRecord } from "./read-record.ts";
import { bondingLacpRecordLayout } from "./record.generated.ts";
import type { BondingLacpRecord } from "./record.generated.ts";

function readSample(name: string): BondingLacpRecord {
  const text = readFileSync(new URL(`sample-${name}.base64`, import.meta.url), "utf8");
  const bytes = Buffer.from(text, "base64");
  assert.equal(bytes.length, bondingLacpRecordLayout.sizeBytes);
  return bondingLacpRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

/** What was told of a port of bond0 in service, which then was as the record says. */
function describe(record: BondingLacpRecord): ReturnType<typeof describeChange>[] {
  const { time, interfaceIndex, bondIndex, actorState, partnerState, aggregatorId } = record;
  const before: Port = {
    index: interfaceIndex,
    name: "eth1",
    bondIndex,
    bondName: "bond0",
    actorState: 0x3f,
    partnerState: 0x3f,
    aggregatorId: 1,
    linkFailures: 0,
  };
  const changes = findChanges(before, { ...before, actorState, partnerState, aggregatorId });
  const around = { time, source: "kprobe", details: readRecord(record), aggregatorPorts: undefined } as const;
  return changes.map((change) => describeChange(change, around));
}

test("a partner that wants fewer LACPDUs is told with its address, as of that moment", () => {
  const record = readSample("slow");
  const [told, ...others] = describe(record);
  assert.deepEqual(others, []);
  assert.equal(told?.time, record.time);
  assert.equal(told.severity, 9);
  const serving = ["activity", "aggregation", "synchronization", "collecting", "distributing"];
  const withTimeout = ["activity", "short_timeout", ...serving.slice(1)];
  assert.deepEqual(told.attributes, {
    "kerntel.bonding_lacp.change": "state",
    "kerntel.bonding_lacp.source": "kprobe",
    "network.interface.name": "eth1",
    "kerntel.bonding_lacp.bond": "bond0",
    "kerntel.network.interface.index": 4,
    "hw.type": "network",
    "kerntel.bonding_lacp.actor.state": withTimeout,
    "kerntel.bonding_lacp.partner.state": serving,
    "kerntel.bonding_lacp.partner.previous_state": withTimeout,
    "kerntel.bonding_lacp.aggregator.id": 1,
    "kerntel.bonding_lacp.link_failures": 0,
    "kerntel.bonding_lacp.partner.address": "d2:3c:67:d7:c3:6a",
    "kerntel.bonding_lacp.partner.key": 15,
    "kerntel.bonding_lacp.partner.port": 1,
    "kerntel.bonding_lacp.churn.actor": "monitoring",
    "kerntel.bonding_lacp.churn.partner": "monitoring",
  });
});

test("a partner that was lost has no address", () => {
  const told = describe(readSample("defaulted"));
  assert.deepEqual(
    told.map(({ attributes }) => attributes["kerntel.bonding_lacp.change"]),
    ["partner_lost", "out_of_service", "aggregator"],
  );
  for (const { attributes } of told) assert.ok(!("kerntel.bonding_lacp.partner.address" in attributes));
});

test("a churn state that has no name is left out", () => {
  const { actorChurn, partnerChurn } = readRecord({ ...readSample("slow"), actorChurn: 1, partnerChurn: 9 });
  assert.deepEqual([actorChurn, partnerChurn], ["churned", undefined]);
});
