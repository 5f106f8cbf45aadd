/** Records of real packets go in; their log records and metrics come out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { KernelSettings } from "#receiver/tracing/contract.ts";
import { describeLatePacket } from "./describe.ts";
import { createNetRxLatency } from "./event.ts";
import { ReceiveClock } from "./receive-clock.ts";
import { netRxLatencyRecordLayout } from "./record.generated.ts";
import type { NetRxLatencyRecord } from "./record.generated.ts";
import { thresholdSettings } from "./thresholds.ts";

function readSample(name: string): NetRxLatencyRecord {
  const bytes = Buffer.from(readFileSync(new URL(name, import.meta.url), "utf8"), "base64");
  assert.equal(bytes.length, netRxLatencyRecordLayout.sizeBytes);
  return netRxLatencyRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
}

/** Read 300 ms after they came, and a SYN that was quick, on loopback. */
const segment = readSample("sample-tcp4-user.base64");
const datagram = readSample("sample-udp6-user.base64");
const syn = readSample("sample-tcp4-stack.base64");

test("a recorded segment becomes a log record about the container of its reader", () => {
  const { subject, body, attributes } = describeLatePacket(segment);
  assert.deepEqual(subject, {
    kind: "socket",
    cgroup: { id: segment.cgroupId, path: segment.cgroup },
    namespace: { inode: segment.netnsInode, cookie: segment.netnsCookie },
  });
  assert.equal(
    body,
    `TCP packet 127.0.0.1:${segment.sourcePort} → 127.0.0.1:${segment.destinationPort} took 300.1 ms to its reader node-MainThread (${segment.pid})`,
  );
  assert.deepEqual(attributes, {
    "kerntel.net_rx_latency.stage": "to_user",
    "kerntel.duration": segment.latency / 1e9,
    "kerntel.threshold": 0.115,
    "kerntel.net_rx_latency.clock": "real",
    "network.transport": "tcp",
    "network.type": "ipv4",
    "source.address": "127.0.0.1",
    "source.port": segment.sourcePort,
    "destination.address": "127.0.0.1",
    "destination.port": segment.destinationPort,
    "network.connection.state": "established",
    "kerntel.network.interface.index": 1,
    "kerntel.packet.length": 7,
    "kerntel.tcp.sequence": segment.sequence,
    "process.pid": segment.pid,
    "thread.id": segment.tid,
    "thread.name": "node-MainThread",
    "cpu.logical_number": segment.cpu,
    "kerntel.network.namespace.inode": segment.netnsInode,
    "kerntel.network.namespace.cookie": String(segment.netnsCookie),
    "kerntel.socket.user.id": 0,
    "kerntel.cgroup.id": String(segment.cgroupId),
    "kerntel.cgroup.path": segment.cgroup,
  });
});

test("a recorded datagram over IPv6 has neither state nor sequence", () => {
  const { attributes, body } = describeLatePacket(datagram);
  assert.equal(attributes["network.transport"], "udp");
  assert.equal(attributes["network.type"], "ipv6");
  assert.equal(attributes["network.connection.state"], undefined);
  assert.equal(attributes["kerntel.tcp.sequence"], undefined);
  assert.match(body, /^UDP packet \[::1\]:\d+ → \[::1\]:\d+ took 286\.1 ms/);
});

test("what only came to the stack has no reader and is the network namespace's", () => {
  const { subject, attributes, body } = describeLatePacket(syn);
  assert.deepEqual(subject, {
    kind: "socket",
    cgroup: undefined,
    namespace: { inode: syn.netnsInode, cookie: syn.netnsCookie },
  });
  assert.equal(attributes["kerntel.net_rx_latency.clock"], "monotonic");
  assert.equal(attributes["network.interface.name"], "lo");
  assert.equal(attributes["process.pid"], undefined);
  assert.equal(attributes["kerntel.socket.user.id"], undefined);
  assert.match(body, / ms to the network stack$/);
});

/** A clock that is set when the test says so. */
class TestClock {
  readonly clock: ReceiveClock;
  readonly configured: KernelSettings[] = [];
  #realtimeNs = 1_000_000_000_000n;
  #isSet = false;
  #onStep: (() => void) | undefined;

  constructor(usesTai: boolean) {
    this.clock = new ReceiveClock({
      usesTai,
      configure: (settings) => void this.configured.push(settings),
      read: () => ({
        realtimeNs: this.#realtimeNs,
        taiNs: this.#realtimeNs + 37_000_000_000n,
        monotonicNs: 5n,
        boottimeNs: 5n,
      }),
      watch: (onStep) => {
        this.#onStep = onStep;
        return { wasSet: () => this.#wasSet(), [Symbol.dispose]: () => {} };
      },
    });
  }

  #wasSet(): boolean {
    const answer = this.#isSet;
    this.#isSet = false;
    return answer;
  }

  /** With the news of it, or before. */
  setTo(realtimeNs: bigint, isTold: boolean): void {
    this.#realtimeNs = realtimeNs;
    if (isTold) this.#onStep?.();
    else this.#isSet = true;
  }
}

test("the offset to real time is that from TAI where the kernel has it, else from monotonic time", () => {
  assert.deepEqual(new TestClock(true).clock.settings(), {
    clock_offset_ns: BigInt.asUintN(64, -37_000_000_000n),
  });
  assert.deepEqual(new TestClock(false).clock.settings(), { clock_offset_ns: 999_999_999_995n });
});

const stepped: readonly [what: string, isTold: boolean][] = [
  ["told in time", true],
  ["found out at the record", false],
];
for (const [what, isTold] of stepped) {
  test(`a step of the clock, ${what}, makes older stamps worthless and changes the offset`, () => {
    const source = new TestClock(false);
    const { clock, configured } = source;
    const before = { clock: "real", stamp: 999e9 } as const;
    assert.ok(clock.trusts(before));
    source.setTo(4_600_000_000_000n, isTold);
    assert.equal(clock.trusts(before), false);
    assert.equal(clock.trusts({ clock: "real", stamp: 4_601e9 }), true);
    assert.equal(clock.trusts({ clock: "monotonic", stamp: 3 }), true);
    assert.deepEqual(configured, [{ clock_offset_ns: 4_599_999_999_995n }]);
  });
}

test("thresholds are given in milliseconds, also parts of one", () => {
  const settings = thresholdSettings({
    to_stack_threshold_ms: 0.25,
    to_transport_threshold_ms: 10,
    to_user_threshold_ms: 115,
  });
  assert.deepEqual(settings, {
    to_stack_threshold_ns: 250_000n,
    to_transport_threshold_ns: 10_000_000n,
    to_user_threshold_ns: 115_000_000n,
  });
});

test("before the first run the metrics are there without points", () => {
  const metrics = createNetRxLatency().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [
      ["kerntel.net_rx_latency.duration", 0],
      ["kerntel.net_rx_latency.late_packets", 0],
      ["kerntel.net_rx_latency.unmeasured_packets", 0],
    ],
  );
});
