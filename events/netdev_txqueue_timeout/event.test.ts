/** Records go in; log records and metrics come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeTimeout } from "./describe.ts";
import { createNetdevTxqueueTimeout } from "./event.ts";
import type { NetdevTxqueueTimeoutRecord } from "./record.generated.ts";
import { netdevTxqueueTimeoutRecordLayout } from "./record.generated.ts";

const bytes = Buffer.alloc(netdevTxqueueTimeoutRecordLayout.sizeBytes);
const empty = netdevTxqueueTimeoutRecordLayout.read(new DataView(bytes.buffer, bytes.byteOffset), 0);

/** A virtio card of a 6.12 guest, 17 s after it was started. */
const timeout: NetdevTxqueueTimeoutRecord = {
  ...empty,
  time: 17_437_233_000,
  netnsCookie: 1n,
  netnsInode: 4_026_531_840,
  interfaceIndex: 2,
  queue: 0,
  queues: 1,
  cpu: 1,
  interface: "eth0",
  driver: "virtio_net",
};
const TICK_NS = 4_000_000;
/** The same one when it went on, with 250 jiffies a second. */
const stall: NetdevTxqueueTimeoutRecord = {
  ...timeout,
  kind: 1,
  stalledJiffies: 4_131,
  thresholdJiffies: 125,
};

test("a timeout becomes a log record about the owner of the network namespace", () => {
  assert.deepEqual(describeTimeout(timeout, TICK_NS), {
    time: 17_437_233_000,
    subject: { kind: "network_namespace", inode: 4_026_531_840, cookie: 1n },
    severity: 17,
    attributes: {
      "kerntel.netdev_txqueue_timeout.kind": "watchdog",
      "error.type": "transmit_timeout",
      "hw.type": "network",
      "cpu.logical_number": 1,
      "network.interface.name": "eth0",
      "kerntel.network.interface.index": 2,
      "kerntel.network.interface.driver": "virtio_net",
      "kerntel.netdev_txqueue_timeout.queue": 0,
      "kerntel.netdev_txqueue_timeout.queues": 1,
      "kerntel.network.namespace.inode": 4_026_531_840,
      "kerntel.network.namespace.cookie": "1",
    },
    body: "Transmit queue 0 of eth0 (virtio_net) timed out: the driver is told to reset it",
  });
});

test("a stall says how long it was, in milliseconds", () => {
  const { severity, attributes, body } = describeTimeout(stall, TICK_NS);
  assert.equal(severity, 13);
  assert.equal(attributes["kerntel.duration"], 16.524);
  assert.equal(attributes["kerntel.threshold"], 0.5);
  assert.equal(body, "Transmit queue 0 of eth0 (virtio_net) completed nothing for 16524 ms, limit 500 ms");
});

test("where the interface is not known nothing is said of it", () => {
  const { subject, attributes, body } = describeTimeout({ ...stall, interface: "" }, TICK_NS);
  assert.deepEqual(subject, { kind: "host" });
  assert.deepEqual(Object.keys(attributes).sort(), [
    "cpu.logical_number",
    "error.type",
    "hw.type",
    "kerntel.duration",
    "kerntel.netdev_txqueue_timeout.kind",
    "kerntel.threshold",
  ]);
  assert.match(body, /^Transmit queue of an unknown interface completed nothing/);
});

test("before the first run the metric is there without points", () => {
  const metrics = createNetdevTxqueueTimeout().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [["kerntel.netdev_txqueue_timeout.timeouts", 0]],
  );
});
