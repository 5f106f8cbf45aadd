/** Records of real drops go in; their log records and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CgroupPaths } from "./cgroup-paths.ts";
import { describeDrop } from "./describe.ts";
import { createDropwatch } from "./event.ts";
import { nameReason } from "./reason.ts";
import { dropwatchRecordLayout, dropwatchSummaryLayout } from "./record.generated.ts";
import type { DropwatchRecord } from "./record.generated.ts";
import { describeSummary } from "./summary.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

function readSample<Record>(name: string, layout: RecordLayout<Record>): Record {
  const bytes = Buffer.from(readFileSync(new URL(name, import.meta.url), "utf8"), "base64");
  assert.equal(bytes.length, layout.sizeBytes);
  return layout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

/** A datagram and a SYN to ports of loopback that nobody listened on. */
const datagram = readSample("sample-udp4.base64", dropwatchRecordLayout);
const syn = readSample("sample-tcp6.base64", dropwatchRecordLayout);
/** Five datagrams in half a second, in a network namespace. */
const summary = readSample("sample-summary.base64", dropwatchSummaryLayout);

function describe(record: DropwatchRecord): ReturnType<typeof describeDrop> {
  return describeDrop(record, "NO_SOCKET", {
    stack: () => "a+0x1\nb+0x2",
    symbol: () => "udp_rcv+0x4 [ipv4]",
  });
}

test("a recorded datagram becomes a log record about its network namespace", () => {
  const record = describe(datagram);
  assert.deepEqual(record.subject, {
    kind: "socket",
    cgroup: undefined,
    namespace: { inode: datagram.netnsInode, cookie: datagram.netnsCookie },
  });
  assert.equal(
    record.body,
    `Packet dropped (NO_SOCKET): UDP 127.0.0.1:${datagram.sourcePort} → 127.0.0.1:${datagram.destinationPort}, 15 bytes on lo at udp_rcv+0x4 [ipv4]`,
  );
  const {
    "kerntel.network.namespace.inode": inode,
    "kerntel.network.namespace.cookie": cookie,
    ...rest
  } = record.attributes;
  assert.ok(Number(inode) > 0 && Number(cookie) > 0);
  assert.deepEqual(rest, {
    "error.type": "no_socket",
    "kerntel.dropwatch.reason": "NO_SOCKET",
    "kerntel.packet.length": 15,
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
    "kerntel.network.interface.index": 1,
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
  assert.deepEqual(subject, {
    kind: "socket",
    cgroup: { id: 12n, path: "/docker/x" },
    namespace: { inode: syn.netnsInode, cookie: syn.netnsCookie },
  });
  assert.equal(attributes["network.connection.state"], "fin_wait_1");
  assert.equal(attributes["kerntel.socket.user.id"], 1000);
  assert.equal(attributes["kerntel.socket.cgroup.path"], "/docker/x");
});

const words = {
  bpf: { symbol: () => "udp_rcv+0x4" },
  wallTime: (bootNs: number) => `boot+${bootNs}`,
};

test("a recorded summary tells how many, from when to when, and under whom", () => {
  const record = describeSummary(summary, "NO_SOCKET", "", words);
  const netns = { inode: summary.netnsInode, cookie: summary.netnsCookie };
  assert.deepEqual(record.subject, { kind: "socket", cgroup: undefined, namespace: netns });
  assert.equal(record.time, summary.last);
  const lasted = (summary.last - summary.first) / 1e9;
  assert.ok(lasted > 0.35 && lasted < 5, `${lasted} s`);
  assert.equal(record.body, `5 packets dropped (NO_SOCKET) in ${lasted.toFixed(1)} s on lo at udp_rcv+0x4`);
  assert.deepEqual(record.attributes, {
    "error.type": "no_socket",
    "kerntel.dropwatch.reason": "NO_SOCKET",
    "kerntel.count": 5,
    "kerntel.duration": (summary.last - summary.first) / 1e9,
    "kerntel.dropwatch.first_time": `boot+${summary.first}`,
    "kerntel.dropwatch.last_time": `boot+${summary.last}`,
    "code.function.name": "udp_rcv",
    "network.interface.name": "lo",
    "kerntel.network.interface.index": 1,
    "kerntel.network.namespace.inode": netns.inode,
    "kerntel.network.namespace.cookie": String(netns.cookie),
  });
});

test("the summary of a socket's drops is about its cgroup", () => {
  const { subject, attributes } = describeSummary({ ...summary, cgroupId: 12n }, "X", "/docker/x", words);
  assert.deepEqual(subject, {
    kind: "socket",
    cgroup: { id: 12n, path: "/docker/x" },
    namespace: { inode: summary.netnsInode, cookie: summary.netnsCookie },
  });
  assert.equal(attributes["kerntel.socket.cgroup.id"], "12");
  assert.equal(attributes["kerntel.socket.cgroup.path"], "/docker/x");
});

test("paths of cgroups are remembered for those that were used last", () => {
  const paths = new CgroupPaths();
  paths.remember(0n, "/root");
  paths.remember(1n, "/one");
  for (let id = 2n; id <= 1_024n; id++) paths.remember(id, `/${id}`);
  paths.remember(1n, "/one");
  paths.remember(2_000n, "/new");
  assert.deepEqual(
    [0n, 1n, 2n, 3n, 2_000n].map((id) => paths.find(id)),
    ["", "/one", "", "/3", "/new"],
  );
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

function readInterface(name: string): unknown[] {
  const { attributes } = describe({ ...datagram, interface: name, interfaceIndex: 7 });
  return [attributes["network.interface.name"], attributes["kerntel.network.interface.index"]];
}

test("an interface has its name and index whatever the name is, and what the kernel forbids is no name", () => {
  for (const name of ["eth0", "grüße", String.raw`ab\377c`, "\u0001", "\u{1f40b}"])
    assert.deepEqual(readInterface(name), [name, 7]);
  for (const none of ["a b", "a/b", "a:b", "..", "a\n"])
    assert.deepEqual(readInterface(none), [undefined, undefined]);
  assert.deepEqual(readInterface(""), [undefined, 7]);
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
    [
      ["kerntel.dropwatch.packets", 0],
      ["kerntel.dropwatch.hardware.packets", 0],
      ["kerntel.dropwatch.filtered", 12],
      ["kerntel.dropwatch.unsummarized", 1],
    ],
  );
});
