/** Records of real retransmissions go in; their log records and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { harmlessReasons, judgeCause } from "./cause.ts";
import type { Cause, DropWatch } from "./cause.ts";
import { describeRetransmit } from "./describe.ts";
import { createTcpRetransmit } from "./event.ts";
import { tcpRetransmitRecordLayout } from "./record.generated.ts";
import type { TcpRetransmitRecord } from "./record.generated.ts";

function readSample(name: string): TcpRetransmitRecord {
  const bytes = Buffer.from(readFileSync(new URL(name, import.meta.url), "utf8"), "base64");
  assert.equal(bytes.length, tcpRetransmitRecordLayout.sizeBytes);
  return tcpRetransmitRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

/** Data of an established connection, and a SYN over IPv6, both dropped by a router that knew no such address. */
const timeout = readSample("sample-timeout.base64");
const syn = readSample("sample-syn6.base64");

const watch: DropWatch = { windowNs: 2e9, sinceNs: 0, missedNs: -Infinity };
const reasons = new Map([[timeout.dropReason, "SKB_DROP_REASON_IP_INADDRERRORS"]]);

function describe(record: TcpRetransmitRecord): ReturnType<typeof describeRetransmit> {
  return describeRetransmit(record, { watch, tickNs: 4e6, reasons, bpf: { symbol: () => "ip_error+0x1" } });
}

test("a recorded timeout becomes a log record about the container that owns the socket", () => {
  const { subject, severity, body, attributes } = describe(timeout);
  assert.deepEqual(subject, {
    kind: "socket",
    cgroup: { id: timeout.cgroupId, path: timeout.cgroup },
    namespace: { inode: timeout.netnsInode, cookie: timeout.netnsCookie },
  });
  assert.equal(severity, 13);
  assert.equal(
    body,
    `TCP sent again (timeout): 10.98.0.1:${timeout.localPort} → 10.97.0.1:${timeout.peerPort}, dropped on this machine (IP_INADDRERRORS)`,
  );
  assert.deepEqual(attributes, {
    "kerntel.tcp_retransmit.kind": "timeout",
    "kerntel.tcp_retransmit.cause": "local_drop",
    "kerntel.tcp_retransmit.drop.reason": "IP_INADDRERRORS",
    "kerntel.tcp_retransmit.drop.location": "ip_error+0x1",
    "kerntel.tcp_retransmit.drop.age": timeout.dropAge / 1e9,
    "network.transport": "tcp",
    "network.type": "ipv4",
    "network.local.address": "10.98.0.1",
    "network.local.port": timeout.localPort,
    "network.peer.address": "10.97.0.1",
    "network.peer.port": timeout.peerPort,
    "network.connection.state": "established",
    "kerntel.tcp_retransmit.congestion.state": "loss",
    "kerntel.tcp_retransmit.congestion.window": 1,
    "kerntel.tcp.sequence": timeout.sequence,
    "kerntel.tcp_retransmit.length": 1000,
    "kerntel.tcp_retransmit.segments": 1,
    "kerntel.tcp_retransmit.timeouts": 1,
    "kerntel.tcp_retransmit.total": 2,
    "kerntel.tcp_retransmit.timeout": (timeout.timeoutJiffies * 4e6) / 1e9,
    "kerntel.tcp_retransmit.round_trip": timeout.smoothedRttUs / 8e6,
    "kerntel.network.namespace.inode": timeout.netnsInode,
    "kerntel.network.namespace.cookie": String(timeout.netnsCookie),
    "kerntel.socket.user.id": 0,
    "kerntel.socket.cgroup.id": String(timeout.cgroupId),
    "kerntel.socket.cgroup.path": timeout.cgroup,
  });
});

test("a recorded SYN over IPv6 has no congestion control yet", () => {
  const { attributes, body } = describe({ ...syn, congestionWindow: 0, smoothedRttUs: 0 });
  assert.match(body, /\(SYN\): \[fd00:98::1\]:\d+ → \[fd00:97::2\]:4002, /);
  assert.equal(attributes["network.type"], "ipv6");
  assert.equal(attributes["network.connection.state"], "syn_sent");
  assert.equal(attributes["kerntel.tcp_retransmit.congestion.state"], undefined);
  assert.equal(attributes["kerntel.tcp_retransmit.round_trip"], undefined);
});

test("without an owner it is about the network namespace, and a failed attempt says why", () => {
  const { subject, attributes, body } = describe({ ...timeout, cgroupId: 0n, error: -113 });
  assert.deepEqual(subject, {
    kind: "socket",
    cgroup: undefined,
    namespace: { inode: timeout.netnsInode, cookie: timeout.netnsCookie },
  });
  assert.equal(attributes["error.type"], "EHOSTUNREACH");
  assert.match(body, /^TCP could not send again/);
});

const certain = { ...timeout, dropAnswer: "none", time: 100e9 } as const;
const judgements: readonly [
  what: string,
  record: Partial<TcpRetransmitRecord>,
  timeoutNs: number,
  watch: Partial<DropWatch>,
  expected: Cause,
][] = [
  ["a drop that was found", { dropAnswer: "found" }, 60e9, {}, "local_drop"],
  ["no drop, and no doubt", {}, 200e6, {}, "network_or_peer"],
  ["a drop that had to be forgotten", { dropAnswer: "forgotten" }, 200e6, {}, "unknown"],
  ["a timeout longer than the window", {}, 2e9, {}, "unknown"],
  ["a timeout that nobody knows", {}, 0, {}, "unknown"],
  ["a segment sent before a timeout", { kind: "loss_recovery" }, 200e6, {}, "unknown"],
  ["a watch that began just now", {}, 200e6, { sinceNs: 99e9 }, "unknown"],
  ["a drop that was missed", {}, 200e6, { missedNs: 99e9 }, "unknown"],
  ["a miss long ago", {}, 200e6, { missedNs: 90e9 }, "network_or_peer"],
];
for (const [what, record, timeoutNs, known, expected] of judgements) {
  test(`${what}: ${expected}`, () => {
    assert.equal(judgeCause({ ...certain, ...record }, timeoutNs, { ...watch, ...known }), expected);
  });
}

test("reasons that are no loss become bits by this kernel's numbers", () => {
  const names = new Map([
    [33, "SKB_DROP_REASON_TCP_OLD_DATA"],
    [64, "SKB_DROP_REASON_QDISC_DROP"],
    [106, "SKB_DROP_REASON_PACKET_SOCK_ERROR"],
    [70_000, "SKB_DROP_REASON_OTHERHOST"],
  ]);
  assert.deepEqual(harmlessReasons(names), {
    harmless_reasons_0: 1n << 33n,
    harmless_reasons_1: 1n << 42n,
    harmless_reasons_2: 0n,
  });
});

test("before the first run the metric is there without points", () => {
  const metrics = createTcpRetransmit().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [["kerntel.tcp_retransmit.retransmissions", 0]],
  );
});
