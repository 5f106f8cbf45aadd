/** The whole program on bad days of its destinations, its disk and its own: what was stored arrives, nothing goes uncounted. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assertBooksClose } from "../live/assertions.ts";
import { controlSocket } from "../live/control-socket.ts";
import { liveTest } from "../live/live-test.ts";
import { OtlpReceiver } from "../live/otlp-receiver.ts";
import { readMetric, RunningKerntel } from "../live/running-kerntel.ts";
import { makeTemporaryDirectory } from "../live/temporary-directory.ts";
import { waitUntil } from "../live/wait-until.ts";
import { dropDatagrams } from "../provoke/drop.ts";
import { startReceiver } from "./faulty-receiver.ts";

const events = "      dropwatch: { limit_per_second: 0, window_seconds: 0 }";
const KILLS = 5;

function sendTo(...endpoints: readonly string[]): string {
  const processors = endpoints.map(
    (endpoint) =>
      `    - batch: { schedule_delay: 20, exporter: { otlp_http: { endpoint: "${endpoint}/v1/logs" } } }`,
  );
  return ["logger_provider:", "  processors:", ...processors].join("\n");
}

async function readStored(kerntel: RunningKerntel): Promise<Set<string>> {
  return new Set((await kerntel.query()).map(({ uid }) => uid));
}

function readUids(
  records: readonly { readonly attributes: Readonly<Record<string, unknown>> }[],
): Set<unknown> {
  return new Set(records.map(({ attributes }) => attributes["log.record.uid"]));
}

liveTest(
  "a program killed again and again under load has sent what it stored, and stored what it sent",
  async () => {
    using directory = makeTemporaryDirectory();
    const stateDirectory = join(directory.path, "state");
    await using receiver = await OtlpReceiver.start();
    const options = {
      events,
      stateDirectory,
      sections: sendTo(receiver.url("/v1/logs").replace("/v1/logs", "")),
    };
    for (let kill = 0; kill < KILLS; kill++) {
      await using kerntel = await RunningKerntel.start(options);
      const load = dropDatagrams("udp4", 1500);
      await sleep(Math.random() * 400);
      await kerntel.stop("SIGKILL");
      await load;
    }
    await using kerntel = await RunningKerntel.start(options);
    await dropDatagrams("udp4", 10);
    assert.equal(await kerntel.stop("SIGTERM"), 0);
    const stored = await kerntel.query();
    const uids = stored.map(({ uid }) => uid);
    assert.ok(uids.length >= 10);
    assert.deepEqual(uids, [...new Set(uids)].toSorted());
    const received = readUids(receiver.records);
    assert.deepEqual(new Set(uids).difference(received), new Set());
    assert.deepEqual(received.difference(new Set(uids)), new Set());
  },
);

liveTest(
  "one destination that hangs costs the other nothing at the end, and gets its records the next time",
  async (context) => {
    using directory = makeTemporaryDirectory();
    const stateDirectory = join(directory.path, "state");
    let isHanging = true;
    const answer = (): { kind: "hang" | "take" } => ({ kind: isHanging ? "hang" : "take" });
    const hanging = await startReceiver(context, { kind: "otlp_http", answer });
    const prompt = await startReceiver(context, { kind: "otlp_http" });
    const sections = sendTo(hanging.url, prompt.url);
    {
      await using kerntel = await RunningKerntel.start({ events, stateDirectory, sections });
      await dropDatagrams("udp4", 50);
      await waitUntil("a request that is not answered", () => hanging.attempts > 0 || undefined);
      assert.equal(await kerntel.stop("SIGTERM"), 0);
      const stored = await readStored(kerntel);
      assert.ok(stored.size >= 50);
      assert.deepEqual(new Set(prompt.taken), stored);
      assert.deepEqual(hanging.taken, []);
    }
    isHanging = false;
    await using kerntel = await RunningKerntel.start({ events, stateDirectory, sections });
    assert.equal(await kerntel.stop("SIGTERM"), 0);
    const stored = await readStored(kerntel);
    for (const { taken } of [hanging, prompt]) assert.deepEqual(new Set(taken), stored);
    assert.equal(prompt.taken.length, stored.size, "what the other had was sent to it again");
  },
);

liveTest("a second signal stops at once, and what was not sent is still in the log", async (context) => {
  const hanging = await startReceiver(context, { kind: "otlp_http", answer: () => ({ kind: "hang" }) });
  await using kerntel = await RunningKerntel.start({ events, sections: sendTo(hanging.url) });
  await dropDatagrams("udp4", 50);
  await waitUntil("a request that is not answered", () => hanging.attempts > 0 || undefined);
  process.kill(kerntel.pid, "SIGTERM");
  const socket = controlSocket(kerntel.stateDirectory);
  // From here on it only waits for the destination.
  await waitUntil("the program to be stopping", () => !existsSync(socket) || undefined);
  // An orderly end would be 0.
  assert.equal(await kerntel.stop("SIGINT"), null);
  assert.ok((await kerntel.query()).length >= 50);
});

liveTest("a disk that fills up costs records that are counted, and nothing else", async (context) => {
  using directory = makeTemporaryDirectory();
  const disk = join(directory.path, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", disk]);
  try {
    const sections = `logger_provider:
  processors:
    - batch: { max_queue_size: 600, exporter: { pouchdb: {} } }`;
    const stateDirectory = join(disk, "state");
    const withBlind = `${events}\n      blind: { interval_seconds: 1 }`;
    await using kerntel = await RunningKerntel.start({ events: withBlind, stateDirectory, sections });
    const ballast = join(disk, "ballast");
    const free = execFileSync("df", ["--output=avail", "-B1", disk], { encoding: "utf8" }).split("\n")[1];
    writeFileSync(ballast, new Uint8Array(Number(free) - 128 * 1024));
    await waitUntil("records to be refused", async () => {
      await dropDatagrams("udp4", 300);
      return Number((await kerntel.reports()).get("dropwatch")?.["refused"]) > 300 || undefined;
    });
    await waitUntil("the disk to be named", () => kerntel.err.includes("the disk is full") || undefined);
    truncateSync(ballast, 0);
    const books = await assertBooksClose(kerntel, "dropwatch");
    context.diagnostic(`${books["seen"]} seen, ${books["stored"]} stored, ${books["refused"]} refused`);
    const before = Number(books["stored"]);
    await dropDatagrams("udp4", 20);
    await waitUntil("records to be stored again", async () => {
      const report = (await kerntel.reports()).get("dropwatch");
      return Number(report?.["stored"]) >= before + 20 || undefined;
    });
    // Records about it wait in a part of the buffer that no other event takes; what was refused later is in the next ones.
    const refused = await waitUntil("all that was refused to be in records", async () => {
      const lines = await kerntel.stored({ event: "kerntel.blind" });
      const ofDisk = lines.filter(({ attributes }) => attributes["kerntel.blind.reason"] === "refused");
      const said = ofDisk.reduce((sum, { attributes }) => sum + Number(attributes["kerntel.count"]), 0);
      return said === Number(books["refused"]) ? ofDisk : undefined;
    });
    assert.ok(refused.every(({ attributes }) => attributes["kerntel.event.name"] === "dropwatch"));
    const ofBlind = await assertBooksClose(kerntel, "blind");
    context.diagnostic(
      `${refused.length} records of blind say so, ${String(ofBlind["refused"])} were refused themselves`,
    );
    assert.equal(await kerntel.stop("SIGTERM"), 0);
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
});

liveTest(
  "what retention destroys before a destination had it is in a record, to the number",
  async (context) => {
    const refusing = await startReceiver(context, { kind: "otlp_http", answer: () => ({ kind: "hang" }) });
    const name = "slow";
    const sections = `logger_provider:
  processors:
    - batch: { exporter: { pouchdb: { max_size_mib: 16 } } }
    - batch: { exporter: { otlp_http: { endpoint: "${refusing.url}/v1/logs", name: ${name} } } }`;
    const withBlind = `${events}\n      blind: { interval_seconds: 1 }`;
    await using kerntel = await RunningKerntel.start({ events: withBlind, sections });
    let expired = 0;
    await waitUntil("records to expire", async () => {
      await dropDatagrams("udp4", 2_000);
      expired = await readExpired(kerntel);
      return expired > 0 || undefined;
    });
    const lines = await waitUntil("the same number in records", async () => {
      expired = await readExpired(kerntel);
      const blind = await kerntel.stored({ event: "kerntel.blind" });
      const ofDestination = blind.filter(
        ({ attributes }) => attributes["kerntel.blind.reason"] === "expired",
      );
      const said = ofDestination.reduce(
        (sum, { attributes }) => sum + Number(attributes["kerntel.count"]),
        0,
      );
      return said === expired ? ofDestination : undefined;
    });
    assert.ok(lines.every(({ attributes }) => attributes["kerntel.destination.name"] === name));
    context.diagnostic(`${expired} expired, in ${lines.length} records: ${lines[0]?.body}`);
  },
);

async function readExpired(kerntel: RunningKerntel): Promise<number> {
  const records = readMetric(await kerntel.metrics(), "kerntel_destination_records_total");
  const [, expired = 0] = [...records].find(([labels]) => labels.includes('"expired"')) ?? [];
  return expired;
}
