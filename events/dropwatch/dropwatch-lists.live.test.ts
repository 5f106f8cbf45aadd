/** Lists of packets: freed by a function of the kernel that only frees, or together with the packet they belong to. */
import assert from "node:assert/strict";
import type { NamespaceRun } from "#test/provoke/in-namespace.ts";
import { overflowQueue, sendFragmented } from "./provoke-queue-drop.ts";
import { assertBooksClose } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";

async function recordsOf(
  kerntel: RunningKerntel,
  { netnsInode, since }: NamespaceRun,
): Promise<StoredLine[]> {
  await assertBooksClose(kerntel, "dropwatch");
  const lines = await kerntel.stored({ event: "kerntel.dropwatch" });
  return lines.filter(
    ({ attributes, time }) => attributes["kerntel.network.namespace.inode"] === netnsInode && time >= since,
  );
}

async function readFragments(kerntel: RunningKerntel): Promise<number> {
  const metrics = await kerntel.metrics();
  return Number(
    readMetric(metrics, "kerntel_dropwatch_filtered_total").get('{kerntel_dropwatch_rule="fragments"}'),
  );
}

const functionOf = ({ attributes }: StoredLine): unknown => attributes["code.function.name"];

liveTest(
  "a drop at a full queue is at the function that queued, not at the one that frees lists",
  async (context) => {
    // One record and one summary, because function and reason are the same.
    const kerntel = await shareKerntel("      dropwatch: { window_seconds: 0, limit_per_second: 0 }");
    await using full = await overflowQueue();
    const dropped = (await recordsOf(kerntel, full)).filter(
      ({ attributes }) => attributes["kerntel.dropwatch.reason"] === "QDISC_DROP",
    );
    assert.ok(dropped.length >= 30, `${dropped.length} drops`);
    assert.deepEqual([...new Set(dropped.map(functionOf))], ["__dev_queue_xmit"]);
    assert.match(String(dropped[0]?.attributes["code.stacktrace"]), /^kfree_skb_list_reason\+/m);
    noteKernel(context, "dropwatch", "provoked", "a full queue");
  },
);

liveTest("fragments that are freed with their packet are no drops of their own", async () => {
  const kerntel = await shareKerntel("      dropwatch: { window_seconds: 0, limit_per_second: 0 }");
  await using received = await sendFragmented(7777);
  assert.deepEqual(
    (await recordsOf(kerntel, received)).map(({ body }) => body),
    [],
  );

  const before = await readFragments(kerntel);
  await using refused = await sendFragmented(9);
  const lines = await recordsOf(kerntel, refused);
  assert.deepEqual(
    lines.map((line) => [line.attributes["kerntel.dropwatch.reason"], functionOf(line)]),
    Array.from({ length: 5 }, () => ["NO_SOCKET", "__udp4_lib_rcv"]),
  );
  assert.ok((await readFragments(kerntel)) >= before + 5 * 13);
});
