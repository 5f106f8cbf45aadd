/** Log records for the tests of every exporter. */
import type { Attributes } from "@opentelemetry/api";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { UID_ATTRIBUTE } from "./contract.ts";

export const SAMPLE_CONTAINER_ID: string = "4f1c2a9b7e6d".padEnd(64, "0");

const SAMPLE_RESOURCE: Resource = resourceFromAttributes({
  "container.id": SAMPLE_CONTAINER_ID,
  "host.name": "node-1",
});

const SAMPLE_SCOPE: ReadableLogRecord["instrumentationScope"] = { name: "kerntel", version: "0.1.0" };

/** A dropped packet, at a fixed time; `changes` replace whole fields. */
export function createSampleRecord(
  uid: string,
  changes: Partial<ReadableLogRecord> & { readonly attributes?: Attributes } = {},
): ReadableLogRecord {
  return {
    hrTime: [1_780_000_000, 123_456_789],
    hrTimeObserved: [1_780_000_000, 123_999_001],
    severityNumber: 13,
    eventName: "kerntel.dropwatch",
    body: "A packet from 10.0.0.7:40312 to 10.0.0.1:80 was dropped: no socket",
    resource: SAMPLE_RESOURCE,
    instrumentationScope: SAMPLE_SCOPE,
    droppedAttributesCount: 0,
    ...changes,
    attributes: {
      "source.address": "10.0.0.7",
      "source.port": 40_312,
      "destination.address": "10.0.0.1",
      "destination.port": 80,
      "network.transport": "tcp",
      "network.type": "ipv4",
      "network.interface.name": "eth0",
      "network.io.direction": "receive",
      "network.connection.state": "established",
      "code.function.name": "tcp_v4_rcv",
      "code.stacktrace":
        "tcp_v4_rcv+0x10\nip_local_deliver_finish+0x6e\nip_rcv+0x20\n__netif_receive_skb+0x33",
      "process.pid": 4711,
      "thread.id": 4712,
      "thread.name": "nginx",
      "cpu.logical_number": 1,
      "error.type": "no_socket",
      ...changes.attributes,
      [UID_ATTRIBUTE]: uid,
    },
  };
}
