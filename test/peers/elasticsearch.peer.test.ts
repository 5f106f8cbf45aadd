/** The Elasticsearch destination against a real node: what arrives, what is refused, what it is found as. */
import assert from "node:assert/strict";
import { createElasticsearchDestination } from "#exporters/elasticsearch/destination.ts";
import { readUid } from "#exporters/contract.ts";
import { SAMPLE_CONTAINER_ID } from "#exporters/sample-record.ts";
import { startElasticsearch } from "./elasticsearch-node.ts";
import { peerTest } from "./peer-test.ts";
import { startShipping } from "./shipping.ts";
import { countDocuments, installStockTemplates, readDocuments } from "./stream-documents.ts";

const STREAM = "logs-kerntel.otel-default";
const never = new AbortController().signal;

/** The document of a sample record, written out. */
function expectedDocument(uid: string, index: number): object {
  return {
    "@timestamp": `${1_780_000_000 + index}123.456789`,
    observed_timestamp: "1780000000123.999001",
    data_stream: { type: "logs", dataset: "kerntel.otel", namespace: "default" },
    severity_number: 13,
    event_name: "kerntel.dropwatch",
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
      "thread.id": index,
      "thread.name": "nginx",
      "cpu.logical_number": 1,
      "error.type": "no_socket",
      "log.record.uid": uid,
    },
    resource: { attributes: { "container.id": SAMPLE_CONTAINER_ID, "host.name": "node-1" } },
    scope: { name: "kerntel", version: "0.1.0" },
    body: { text: "A packet from 10.0.0.7:40312 to 10.0.0.1:80 was dropped: no socket" },
  };
}

peerTest(
  "elasticsearch",
  "every record becomes one document, typed and found by its fields",
  async (context) => {
    const node = await startElasticsearch(context);
    await installStockTemplates(node);
    const destination = createElasticsearchDestination({ endpoints: [node.url], installTemplate: true });
    const shipping = await startShipping(context, destination);
    const records = [...(await shipping.store(700)), ...(await shipping.store(700))];
    await shipping.settle();
    assert.equal(shipping.delivery.counts().exported, 1400);

    const documents = await readDocuments(node, STREAM);
    assert.equal(documents.length, 1400);
    for (const [index, record] of records.entries()) {
      const uid = readUid(record) ?? "";
      assert.deepEqual(documents[index], { id: uid, source: expectedDocument(uid, index) });
    }

    const resolved = await node.ask("GET", `/_resolve/index/${STREAM}`);
    assert.equal(resolved.body.data_streams[0]?.name, STREAM);
    const queries: readonly (readonly [object, number])[] = [
      [{ range: { "thread.id": { gte: 10, lt: 20 } } }, 10],
      [{ term: { "source.address": "10.0.0.0/8" } }, 1400],
      [{ term: { "container.id": SAMPLE_CONTAINER_ID } }, 1400],
      [{ match: { "code.stacktrace": "ip_rcv" } }, 1400],
      [
        {
          range: {
            "@timestamp": { gt: "1780000001123.456788", lt: "1780000001123.456790", format: "epoch_millis" },
          },
        },
        1,
      ],
    ];
    for (const [query, count] of queries)
      assert.equal(await countDocuments(node, STREAM, query), count, JSON.stringify(query));

    await context.test("what is there already is delivered, and not there twice", async () => {
      assert.deepEqual(await destination.send(records.slice(0, 500), never), { kind: "delivered" });
      assert.equal(await countDocuments(node, STREAM, { match_all: {} }), 1400);
    });

    await context.test(
      "a record that does not fit the mapping is refused alone, with reason and sample",
      async () => {
        await shipping.store(10, (record, index) =>
          index === 4 ? Object.assign(record, { severityNumber: 4000 }) : record,
        );
        await shipping.settle();
        const { exported, rejected } = shipping.delivery.counts();
        assert.deepEqual([exported, rejected], [1409, { document_parsing_exception: 1 }]);
        const sample = shipping.delivery.samples().get("document_parsing_exception");
        assert.match(sample?.message ?? "", /severity_number.*4000/s);
        assert.equal(sample?.record.severityNumber, 4000);
      },
    );
  },
);
