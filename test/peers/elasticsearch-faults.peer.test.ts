/** The Elasticsearch destination when a real node has had enough, dies, or does not know us. */
import assert from "node:assert/strict";
import { createElasticsearchDestination } from "#exporters/elasticsearch/destination.ts";
import { readUid } from "#exporters/contract.ts";
import { waitUntil } from "../live/wait-until.ts";
import { ADMIN } from "./elasticsearch-layout.ts";
import { startElasticsearch } from "./elasticsearch-node.ts";
import { peerTest } from "./peer-test.ts";
import { startShipping } from "./shipping.ts";
import { countDocuments, installStockTemplates, readDocuments } from "./stream-documents.ts";

const STREAM = "logs-kerntel.otel-default";

peerTest(
  "elasticsearch",
  "a node that refuses too much at once gets all of it in the end",
  async (context) => {
    const lines = ["indexing_pressure.memory.limit: 400kb", "http.max_content_length: 300kb"];
    const node = await startElasticsearch(context, { lines });
    await installStockTemplates(node);
    const options = { endpoints: [node.url], compression: "none" } as const;
    const destination = createElasticsearchDestination(options);
    const shipping = await startShipping(context, destination, { batchRecords: 2000 });

    await context.test("413: the batch is divided until it fits", async () => {
      const records = await shipping.store(2000);
      await shipping.settle();
      assert.equal(shipping.delivery.counts().exported, 2000);
      const documents = await readDocuments(node, STREAM);
      assert.deepEqual(
        documents.map(({ id }) => id),
        records.map(readUid),
      );
    });

    await context.test(
      "413: a record that is too large by itself is refused, and the others arrive",
      async () => {
        await shipping.store(20, (record, index) =>
          index === 7 ? { ...record, body: "x".repeat(400_000) } : record,
        );
        await shipping.settle();
        const { exported, rejected } = shipping.delivery.counts();
        assert.deepEqual([exported, rejected], [2019, { http_413: 1 }]);
        const sample = shipping.delivery.samples().get("http_413");
        assert.equal(String(sample?.record.body).length, 400_000);
      },
    );

    await context.test("429: what the node has no memory for waits, and nothing is refused", async () => {
      // Several senders at once fill the memory that one alone does not.
      const others = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          startShipping(context, createElasticsearchDestination({ ...options, name: `other-${index}` })),
        ),
      );
      let total = 2019;
      const countRetries = (): number =>
        others.reduce((sum, { delivery }) => sum + delivery.counts().retries, 0);
      for (let round = 0; countRetries() === 0 && round < 40; round++) {
        await Promise.all(others.map((other) => other.store(450)));
        total += others.length * 450;
        await Promise.all(others.map((other) => other.settle()));
      }
      assert.ok(countRetries() > 0, "the node refused nothing");
      for (const { delivery } of others) assert.deepEqual(delivery.counts().rejected, {});
      assert.equal(await countDocuments(node, STREAM, { match_all: {} }), total);
    });
  },
);

peerTest(
  "elasticsearch",
  "a node killed in the middle of a load has every record once in the end",
  async (context) => {
    const node = await startElasticsearch(context);
    await installStockTemplates(node);
    const destination = createElasticsearchDestination({ endpoints: [node.url], timeoutMs: 5000 });
    const shipping = await startShipping(context, destination, { batchRecords: 100, memoryRecords: 300 });
    const uids: unknown[] = [];
    const load = async (batches: number): Promise<void> => {
      for (let batch = 0; batch < batches; batch++) uids.push(...(await shipping.store(250)).map(readUid));
    };
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      const before = shipping.delivery.counts();
      await load(8);
      await waitUntil(
        "some to arrive",
        () => shipping.delivery.counts().exported > before.exported || undefined,
      );
      await node.stop(signal);
      await load(8);
      await waitUntil(
        "attempts to fail",
        () => shipping.delivery.counts().retries > before.retries || undefined,
      );
      assert.ok(shipping.delivery.counts().pending > 0);
      shipping.checkBooks();
      await node.start();
    }
    await shipping.settle();
    const documents = await readDocuments(node, STREAM);
    assert.deepEqual(
      documents.map(({ id }) => id),
      uids,
    );
    assert.deepEqual(shipping.delivery.counts().rejected, {});
    assert.equal(shipping.delivery.counts().exported, 8000);

    await context.test("an index that takes no writes keeps its records until it does", async () => {
      const block = async (isBlocked: boolean): Promise<void> => {
        await node.ask("PUT", `/${STREAM}/_settings`, { "index.blocks.write": isBlocked });
      };
      await block(true);
      await shipping.store(50);
      const { delivery } = shipping;
      await waitUntil(
        "the destination to be blocked",
        () => delivery.status().state === "blocked" || undefined,
      );
      assert.deepEqual([delivery.counts().pending, delivery.counts().rejected], [50, {}]);
      await block(false);
      delivery.probe();
      await shipping.settle();
      assert.equal(await countDocuments(node, STREAM, { match_all: {} }), 8050);
    });
  },
);

peerTest(
  "elasticsearch",
  "a key that may only create documents is enough; without one, records wait",
  async (context) => {
    const node = await startElasticsearch(context, { isSecure: true });
    await installStockTemplates(node);
    const endpoints = [node.url];
    const key = async (privileges: readonly string[]): Promise<string> => {
      const role = { index: [{ names: ["logs-kerntel.otel-*"], privileges }] };
      const answer = await node.ask("POST", "/_security/api_key", {
        name: "kerntel",
        role_descriptors: { role },
      });
      return answer.body.encoded as string;
    };
    const apiKey = await key(["create_doc", "auto_configure"]);
    const shipping = await startShipping(context, createElasticsearchDestination({ endpoints, apiKey }));
    await shipping.store(600);
    await shipping.settle();
    assert.equal(await countDocuments(node, STREAM, { match_all: {} }), 600);

    const byName = createElasticsearchDestination({ endpoints, name: "basic", ...ADMIN });
    const basic = await startShipping(context, byName);
    await basic.store(50);
    await basic.settle();
    assert.equal(await countDocuments(node, STREAM, { match_all: {} }), 650);

    const cases = [
      ["http_401", {}],
      ["http_401", { apiKey: Buffer.from("nobody:nothing").toString("base64") }],
      ["http_401", { username: "admin", password: "wrong" }],
      ["http_403", { apiKey: await key(["read"]) }],
      ["template_http_403", { apiKey, installTemplate: true }],
    ] as const;
    for (const [reason, credentials] of cases) {
      const destination = createElasticsearchDestination({ endpoints, ...credentials });
      const states: string[] = [];
      const onStateChange = (state: string, why: string): void => void states.push(`${state} ${why}`);
      const refused = await startShipping(context, destination, { onStateChange });
      await refused.store(10);
      await waitUntil("an attempt to fail", () => refused.delivery.counts().retries > 0 || undefined);
      assert.deepEqual(states, [`blocked ${reason}`]);
      assert.deepEqual(refused.delivery.counts().rejected, {});
      assert.equal(refused.delivery.counts().pending, 10);
      refused.checkBooks();
    }
    assert.equal(await countDocuments(node, STREAM, { match_all: {} }), 650);
  },
);
