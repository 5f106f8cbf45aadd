/** Which drops are described: known noise and what the user's filter does not want are only counted. */
import assert from "node:assert/strict";
import { dropBurst } from "./provoke-burst.ts";
import type { Burst } from "./provoke-burst.ts";
import { dropNoise, dropUnanswered } from "./provoke-expected-drops.ts";
import type { NamespaceRun } from "#test/provoke/in-namespace.ts";
import { assertBooksClose } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const settings = (filter: string): string =>
  `      dropwatch: { window_seconds: 0, limit_per_second: 0, noise_neighbour_timeout: false, filter: ${filter} }`;

async function recordsOf(
  kerntel: RunningKerntel,
  { netnsInode, since }: NamespaceRun,
): Promise<StoredLine[]> {
  const lines = await kerntel.stored({ event: "kerntel.dropwatch" });
  return lines.filter(
    ({ attributes, time }) => attributes["kerntel.network.namespace.inode"] === netnsInode && time >= since,
  );
}

async function readRule(kerntel: RunningKerntel, rule: string): Promise<number> {
  const metrics = await kerntel.metrics();
  return Number(
    readMetric(metrics, "kerntel_dropwatch_filtered_total").get(`{kerntel_dropwatch_rule="${rule}"}`),
  );
}

liveTest("a filter is obeyed, changed while it runs, and refused where it is wrong", async (context) => {
  const kerntel = await shareKerntel(settings("icmp and dst host 10.211.0.77"));
  // These have no Ethernet header yet.
  await using unanswered = await dropUnanswered("10.211.0.77");
  const echoes = await waitUntil("the echo requests that nobody answered", async () => {
    const records = await recordsOf(kerntel, unanswered);
    return records.length > 0 ? records : undefined;
  });
  assert.ok(echoes.every(({ attributes }) => attributes["kerntel.dropwatch.icmp.type"] === 8));
  assert.ok(echoes.every(({ attributes }) => attributes["destination.address"] === "10.211.0.77"));

  const refused = await readRule(kerntel, "filter");
  await using unwanted = await dropBurst(30);
  await assertBooksClose(kerntel, "dropwatch");
  assert.deepEqual(await recordsOf(kerntel, unwanted), []);
  assert.ok((await readRule(kerntel, "filter")) >= refused + unwanted.count);

  // The datagrams have one.
  await kerntel.reload(settings("ip6 or udp port 9"));
  await using wanted = await dropBurst(30);
  await waitUntil("thirty described datagrams", async () =>
    (await recordsOf(kerntel, wanted)).length >= wanted.count ? true : undefined,
  );

  await kerntel.reload(settings("udp prot 9"));
  assert.match(kerntel.err, /old one stays in force: .*filter: .*syntax error, at character 5$/m);
  await using still = await dropBurst(10);
  await waitUntil("ten more", async () =>
    (await recordsOf(kerntel, still)).length >= still.count ? true : undefined,
  );
  noteKernel(context, "dropwatch", "provoked", "a filter in tcpdump's language");
});

liveTest("known noise is counted by its rule and not described", async (context) => {
  const kerntel = await shareKerntel("      dropwatch: { window_seconds: 0, limit_per_second: 0 }");
  await using noise = await dropNoise();
  for (const rule of ["queue_purge", "packet_socket", "ping_reply"])
    await waitUntil(`noise of the rule ${rule}`, async () =>
      (await readRule(kerntel, rule)) > 0 ? true : undefined,
    );
  await assertBooksClose(kerntel, "dropwatch");
  const described = await recordsOf(kerntel, noise);
  const functions = described.map(({ attributes }) => attributes["code.function.name"]);
  for (const name of ["raw_rcv", "ping_rcv", "sk_stream_kill_queues"])
    assert.ok(!functions.includes(name), `${name} is among ${functions.join(", ")}`);
  noteKernel(context, "dropwatch", "provoked", "noise of closed connections and raw sockets");
});

liveTest("functions that the user names are noise, for a reason that has noise of its own too", async () => {
  const all = "window_seconds: 0, limit_per_second: 0";
  const kerntel = await shareKerntel(`      dropwatch: { ${all} }`);
  // By the port, because namespaces of other tests may have had the same inode.
  const listDescribed = async ({ port }: Burst): Promise<StoredLine[]> =>
    (await kerntel.stored({ event: "kerntel.dropwatch" })).filter(
      ({ attributes }) =>
        attributes["destination.port"] === port && attributes["kerntel.dropwatch.reason"] === "NO_SOCKET",
    );
  await using described = await dropBurst(1);
  await assertBooksClose(kerntel, "dropwatch");
  const before = await listDescribed(described);
  assert.ok(before.length > 0);
  const name = before.at(-1)?.attributes["code.function.name"] as string;

  await shareKerntel(`      dropwatch: { ${all}, noise_functions: [${name}] }`);
  const counted = await readRule(kerntel, "functions");
  await using unwanted = await dropBurst(30);
  await assertBooksClose(kerntel, "dropwatch");
  assert.equal((await listDescribed(unwanted)).length, before.length);
  assert.ok((await readRule(kerntel, "functions")) >= counted + unwanted.count);
});
