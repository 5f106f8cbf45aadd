/** The shipping process is killed again and again; the real node must have every record of the log, once. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readUid } from "#exporters/contract.ts";
import { startDelivery } from "#exporters/delivery/delivery.ts";
import { createElasticsearchDestination } from "#exporters/elasticsearch/destination.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { waitUntil } from "../live/wait-until.ts";
import { assertBooks } from "../delivery/books.ts";
import { startElasticsearch } from "./elasticsearch-node.ts";
import { peerTest } from "./peer-test.ts";
import { SETTLE_DEADLINE_MS } from "./shipping.ts";
import { installStockTemplates, readDocuments } from "./stream-documents.ts";

const CHILD = join(import.meta.dirname, "fixtures/ship-until-killed.ts");
const STREAM = "logs-kerntel.otel-default";
const KILLS = 12;

/** Starts the child, kills it after so many lines, and returns the uids that were durable. */
async function shipAndKill(directory: string, url: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, directory, url], { stdio: ["ignore", "pipe", "inherit"] });
  const durable: string[] = [];
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    durable.push(...line.split(" "));
    seen += 1;
    if (seen === lines) child.kill("SIGKILL");
  }
  return durable;
}

peerTest(
  "elasticsearch",
  "kill -9 while storing and sending loses nothing and doubles nothing",
  async (context) => {
    const node = await startElasticsearch(context);
    await installStockTemplates(node);
    const directory = mkdtempSync(join(tmpdir(), "kerntel-killed-"));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    const durable: string[] = [];
    const moments = Array.from({ length: KILLS }, () => 1 + Math.floor(Math.random() * 40));
    context.diagnostic(`killed after these numbers of batches: ${moments.join(", ")}`);
    for (const lines of moments) durable.push(...(await shipAndKill(directory, node.url, lines)));

    const log = await openLocalLog({ directory });
    const destination = createElasticsearchDestination({ endpoints: [node.url] });
    const backlog = await log.countAfter(log.loadCursor(destination.name) ?? "");
    const delivery = startDelivery(log, destination, { batchDelayMs: 1 });
    const isDelivered = (): true | undefined => delivery.counts().exported >= backlog || undefined;
    await waitUntil("everything to be delivered", isDelivered, { deadlineMs: SETTLE_DEADLINE_MS });
    assertBooks(delivery, backlog);
    const stored: string[] = [];
    for await (const batch of log.read({})) stored.push(...batch.map((record) => readUid(record) ?? ""));
    await delivery.close(0);
    await log.close();

    assert.deepEqual(new Set(durable).difference(new Set(stored)), new Set());
    const documents = await readDocuments(node, STREAM);
    assert.deepEqual(
      documents.map(({ id }) => id),
      stored,
    );
  },
);
