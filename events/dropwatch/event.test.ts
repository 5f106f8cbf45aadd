/** Records of real drops go in; their log records and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describeDrop } from "./describe.ts";
import { createDropwatch } from "./event.ts";
import { nameReason } from "./reason.ts";
import { dropwatchRecordLayout } from "./record.generated.ts";
import type { DropwatchRecord } from "./record.generated.ts";

function readSample(name: string): DropwatchRecord {
  const bytes = Buffer.from(readFileSync(new URL(name, import.meta.url), "utf8"), "base64");
  assert.equal(bytes.length, dropwatchRecordLayout.sizeBytes);
  return dropwatchRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

/** A datagram and a SYN to ports of loopback that nobody listened on. */
const datagram = readSample("sample-udp4.base64");
const syn = readSample("sample-tcp6.base64");

function describe(record: DropwatchRecord): ReturnType<typeof describeDrop> {
  return describeDrop(record, "NO_SOCKET", {
    stack: () => "a+0x1\nb+0x2",
    symbol: () => "udp_rcv+0x4 [ipv4]",
  });
}

test("a recorded datagram becomes a log record about the host", () => {
  const record = describe(datagram);
  assert.equal(record.subject.kind, "network_namespace");
  assert.equal(
    record.body,
    `Packet dropped (NO_SOCKET): UDP 127.0.0.1:${datagram.sourcePort} → 127.0.0.1:${datagram.destinationPort}, 15 bytes on lo at udp_rcv+0x4 [ipv4]`,
  );
  const {
    "kerntel.dropwatch.netns.inode": inode,
    "kerntel.dropwatch.netns.cookie": cookie,
    ...rest
  } = record.attributes;
  assert.ok(inode > 0 && /^\d+$/.test(cookie));
  assert.deepEqual(rest, {
    "error.type": "no_socket",
    "kerntel.dropwatch.reason": "NO_SOCKET",
    "kerntel.dropwatch.packet.length": 15,
    "code.function.name": "udp_rcv",
    "code.stacktrace": "a+0x1\nb+0x2",
    "cpu.logical_number": datagram.cpu,
    "source.address": "127.0.0.1",
    "destination.address": "127.0.0.1",
    "network.type": "ipv4",
    "network.transport": "udp",
    "source.port": datagram.sourcePort,
    "destination.port": datagram.destinationPort,
    "network.interface.name": "lo",
    "kerntel.dropwatch.interface.index": 1,
  });
});

test("a recorded SYN over IPv6 is written with brackets", () => {
  const { attributes, body } = describe(syn);
  assert.equal(attributes["network.type"], "ipv6");
  assert.equal(attributes["network.transport"], "tcp");
  assert.match(body, /TCP \[::1\]:\d+ → \[::1\]:\d+, 40 bytes/);
});

test("a socket's cgroup is the subject, and its state has the name of the conventions", () => {
  const { subject, attributes } = describe({
    ...syn,
    hasSocket: 1,
    cgroupId: 12n,
    cgroup: "/docker/x",
    socketUid: 1000,
    tcpState: 4,
  });
  assert.deepEqual(subject, { kind: "cgroup", id: 12n, path: "/docker/x" });
  assert.equal(attributes["network.connection.state"], "fin_wait_1");
  assert.equal(attributes["kerntel.dropwatch.socket.uid"], 1000);
  assert.equal(attributes["kerntel.dropwatch.socket.cgroup.path"], "/docker/x");
});

test("ICMP has type and code instead of ports", () => {
  const { attributes } = describe({ ...datagram, protocol: 1, sourcePort: 0x0301, destinationPort: 0 });
  assert.equal(attributes["kerntel.dropwatch.icmp.type"], 3);
  assert.equal(attributes["kerntel.dropwatch.icmp.code"], 1);
  assert.equal(attributes["source.port"], undefined);
  assert.equal(attributes["network.transport"], undefined);
});

test("a packet that is not IP is named by its EtherType", () => {
  const { attributes, body } = describe({ ...datagram, hasFlow: 0, ethertype: 0x0806, protocol: 0 });
  assert.equal(attributes["kerntel.dropwatch.ethertype"], "0806");
  assert.equal(attributes["source.address"], undefined);
  assert.match(body, /^Packet dropped \(NO_SOCKET\): packet 15 bytes on lo/);
});

test("a device field that holds something else is not taken for a name", () => {
  const { attributes } = describe({ ...datagram, interface: "\u0001\ufffd", interfaceIndex: 12345 });
  assert.equal(attributes["network.interface.name"], undefined);
  assert.equal(attributes["kerntel.dropwatch.interface.index"], undefined);
});

const names = new Map([
  [2, "SKB_DROP_REASON_NOT_SPECIFIED"],
  [1, "SKB_CONSUMED"],
]);
const reasons: readonly [reason: number, names: ReadonlyMap<number, string>, expected: string][] = [
  [2, names, "NOT_SPECIFIED"],
  [1, names, "CONSUMED"],
  [0x10001, names, "65537"],
  [2, new Map(), "UNKNOWN"],
];
for (const [reason, known, expected] of reasons) {
  test(`reason ${reason} is called ${expected} by a kernel with ${known.size} names`, () => {
    assert.equal(nameReason(reason, known), expected);
  });
}

test("before the first run the metric is there without points", () => {
  const metrics = createDropwatch().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [["kerntel.dropwatch.packets", 0]],
  );
});
