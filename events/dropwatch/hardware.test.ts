/** A drop by hardware, as the kernel half records it, becomes a log record about its port. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  countHardware,
  describeHardwareDrop,
  describeHardwareSummary,
  findTrap,
  isHardware,
} from "./hardware.ts";
import type { Trap } from "./hardware.ts";
import { dropwatchRecordLayout, dropwatchSummaryLayout } from "./record.generated.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

function readSample<Record>(name: string, layout: RecordLayout<Record>): Record {
  const bytes = Buffer.from(readFileSync(new URL(name, import.meta.url), "utf8"), "base64");
  return layout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

const kernelDrop = readSample("sample-udp4.base64", dropwatchRecordLayout);
const where = { reason: 0xffff_ffff, location: 0xffff_ffff_c012_3456n, interface: "swp1", interfaceIndex: 7 };
const record = { ...kernelDrop, ...where };
const summary = { ...readSample("sample-summary.base64", dropwatchSummaryLayout), ...where };
const trap: Trap = { name: "source_mac_is_multicast", group: "l2_drops", device: "0000:03:00.0", type: 0 };

/** A map with one entry. */
const loaded = {
  map: () => ({ lookup: (key: unknown) => (key === where.location ? trap : undefined) }),
} as unknown as Parameters<typeof findTrap>[0];

const ofTrap = {
  "error.type": "source_mac_is_multicast",
  "kerntel.dropwatch.trap.name": "source_mac_is_multicast",
  "kerntel.dropwatch.trap.group": "l2_drops",
  "kerntel.dropwatch.trap.type": "drop",
  "hw.id": "0000:03:00.0",
  "network.interface.name": "swp1",
  "kerntel.network.interface.index": 7,
  "kerntel.network.namespace.inode": record.netnsInode,
  "kerntel.network.namespace.cookie": String(record.netnsCookie),
};

test("only a record that says so is of hardware", () => {
  assert.deepEqual([isHardware(record), isHardware(summary), isHardware(kernelDrop)], [true, true, false]);
});

test("a trap has the place of reason and function, and the port is the interface", () => {
  const { subject, attributes, body, time } = describeHardwareDrop(record, trap);
  const { netnsInode: inode, netnsCookie: cookie } = record;
  assert.deepEqual(subject, { kind: "socket", cgroup: undefined, namespace: { inode, cookie } });
  assert.equal(time, record.time);
  assert.deepEqual(attributes, {
    ...ofTrap,
    "kerntel.packet.length": 15,
    "cpu.logical_number": record.cpu,
    "source.address": "127.0.0.1",
    "destination.address": "127.0.0.1",
    "network.type": "ipv4",
    "network.transport": "udp",
    "source.port": record.sourcePort,
    "destination.port": record.destinationPort,
  });
  assert.equal(
    body,
    `Packet dropped by hardware (source_mac_is_multicast): UDP 127.0.0.1:${record.sourcePort} → 127.0.0.1:${record.destinationPort}, 15 bytes on swp1`,
  );
});

test("the rest of a window is told with its count", () => {
  const words = { wallTime: (bootNs: number) => `boot+${bootNs}` };
  const { attributes, body, time } = describeHardwareSummary(summary, trap, words);
  assert.equal(time, summary.last);
  assert.deepEqual(attributes, {
    ...ofTrap,
    "kerntel.network.namespace.inode": summary.netnsInode,
    "kerntel.network.namespace.cookie": String(summary.netnsCookie),
    "kerntel.count": 5,
    "kerntel.duration": (summary.last - summary.first) / 1e9,
    "kerntel.dropwatch.first_time": `boot+${summary.first}`,
    "kerntel.dropwatch.last_time": `boot+${summary.last}`,
  });
  assert.match(body, /^5 packets dropped by hardware \(source_mac_is_multicast\) in \d\.\d s on swp1$/);
});

test("an exception was not dropped by the hardware, and a device without a name has none", () => {
  const { attributes, body } = describeHardwareDrop(record, { ...trap, type: 1, device: "" });
  assert.equal(attributes["kerntel.dropwatch.trap.type"], "exception");
  assert.equal(attributes["hw.id"], undefined);
  assert.match(body, /^Packet not forwarded by hardware \(source_mac_is_multicast\): /);
});

test("a trap whose names the kernel half no longer has is unknown", () => {
  assert.equal(findTrap(loaded, record), trap);
  assert.equal(findTrap(loaded, { location: 1n }).name, "unknown");
});

test("packets are counted by trap, group and device", () => {
  assert.deepEqual(countHardware({ sums: () => [{ key: trap as never, value: 12 as never }] }), [
    {
      attributes: {
        "kerntel.dropwatch.trap.name": "source_mac_is_multicast",
        "kerntel.dropwatch.trap.group": "l2_drops",
        "kerntel.dropwatch.trap.type": "drop",
        "hw.id": "0000:03:00.0",
      },
      value: 12,
    },
  ]);
  assert.deepEqual(countHardware(undefined), []);
});
