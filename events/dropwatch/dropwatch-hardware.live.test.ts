/** Drops by hardware, as a switch's driver shows them to the kernel: by trap, each of them counted. */
import assert from "node:assert/strict";
import { makeSwitch, trapPackets, trapped } from "#test/provoke/own-switch.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const COUNT = 1_000;

async function findTrapped(kerntel: RunningKerntel, trap: string): Promise<StoredLine[]> {
  const lines = await kerntel.stored({ event: "kerntel.dropwatch" });
  return lines.filter(({ attributes }) => attributes["kerntel.dropwatch.trap.name"] === trap);
}

function countOf({ attributes }: StoredLine): number | undefined {
  return attributes["kerntel.count"] as number | undefined;
}

async function readCounter(kerntel: RunningKerntel, metric: string, label: string): Promise<number> {
  const samples = [...readMetric(await kerntel.metrics(), metric)].filter(([labels]) =>
    labels.includes(label),
  );
  return samples.reduce((total, [, count]) => total + count, 0);
}

const countTrapped = (kerntel: RunningKerntel, trap: string): Promise<number> =>
  readCounter(kerntel, "kerntel_dropwatch_hardware_packets_total", `kerntel_dropwatch_trap_name="${trap}"`);
const countControl = (kerntel: RunningKerntel): Promise<number> =>
  readCounter(kerntel, "kerntel_dropwatch_filtered_total", 'kerntel_dropwatch_rule="control"');

liveTest("what hardware drops is described once and counted to the packet", async (context) => {
  const port = makeSwitch();
  const kerntel = await shareKerntel("      dropwatch: { window_seconds: 2 }");
  trapPackets("drop", COUNT);
  const lines = await waitUntil("all of them told", async () => {
    const found = await findTrapped(kerntel, "source_mac_is_multicast");
    const counted = found.reduce((total, line) => total + (countOf(line) ?? 0), 0);
    return counted === COUNT ? found : undefined;
  });
  const described = lines.find((line) => countOf(line) === undefined);
  const summary = lines.find((line) => countOf(line) !== undefined);
  assert.ok(described !== undefined && summary !== undefined);
  for (const { attributes, resource } of [described, summary]) {
    assert.equal(attributes["error.type"], "source_mac_is_multicast");
    assert.equal(attributes["kerntel.dropwatch.trap.group"], "l2_drops");
    assert.equal(attributes["kerntel.dropwatch.trap.type"], "drop");
    assert.equal(attributes["hw.id"], trapped.device);
    assert.equal(attributes["network.interface.name"], port);
    assert.equal(attributes["kerntel.dropwatch.reason"], undefined);
    assert.equal(attributes["code.function.name"], undefined);
    assert.equal(resource["container.id"], undefined);
  }
  assert.equal(described.severity, 13);
  assert.equal(described.attributes["source.address"], trapped.source);
  assert.equal(described.attributes["source.port"], trapped.sourcePort);
  assert.equal(
    described.body,
    `Packet dropped by hardware (source_mac_is_multicast): UDP ${trapped.source}:${trapped.sourcePort} → ${trapped.destination}:${trapped.destinationPort}, ${trapped.lengthBytes} bytes on ${port}`,
  );
  assertDeclared(lines);
  await waitUntil("the metric to have them all", async () =>
    (await countTrapped(kerntel, "source_mac_is_multicast")) === COUNT ? true : undefined,
  );
  await assertBooksClose(kerntel, "dropwatch");
  noteKernel(
    context,
    "dropwatch",
    "provoked",
    "a switch of our own that shows dropped packets (devlink traps)",
  );
});

liveTest("exceptions are told, and what a switch traps for the kernel is no drop", async () => {
  makeSwitch();
  const kerntel = await shareKerntel("      dropwatch: { window_seconds: 0, limit_per_second: 0 }");
  const controlBefore = await countControl(kerntel);
  trapPackets("control", 3);
  trapPackets("exception", 2);
  const lines = await waitUntil("both exceptions", async () => {
    const found = await findTrapped(kerntel, "ttl_value_is_too_small");
    return found.length === 2 ? found : undefined;
  });
  assert.equal(lines[0]?.attributes["kerntel.dropwatch.trap.type"], "exception");
  assert.match(lines[0]?.body ?? "", /^Packet not forwarded by hardware \(ttl_value_is_too_small\): UDP /);
  assert.deepEqual(await findTrapped(kerntel, "arp_request"), []);
  assert.equal((await countControl(kerntel)) - controlBefore, 3);
  await assertBooksClose(kerntel, "dropwatch");
});

liveTest("hardware is left alone where the user says so", async () => {
  makeSwitch();
  const kerntel = await shareKerntel("      dropwatch: { window_seconds: 0, hardware: false }");
  const before = await countTrapped(kerntel, "ttl_value_is_too_small");
  trapPackets("exception", 5);
  await kerntel.reload("      dropwatch: { window_seconds: 0 }");
  trapPackets("exception", 1);
  await waitUntil("the one that was watched", async () =>
    (await countTrapped(kerntel, "ttl_value_is_too_small")) === before + 1 ? true : undefined,
  );
  await assertBooksClose(kerntel, "dropwatch");
});
