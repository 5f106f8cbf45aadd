/** A card stops sending for real: the watchdog finds it, and byte queue limits when it goes on. */
import assert from "node:assert/strict";
import { stallCard } from "./provoke.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const STALL_LIMIT_MS = 400;

function waitFor(kerntel: RunningKerntel, kind: string): Promise<StoredLine> {
  return waitUntil(`a timeout found by ${kind}`, async () =>
    (await kerntel.look({ event: "kerntel.netdev_txqueue_timeout" })).find(
      ({ attributes }) => attributes["kerntel.netdev_txqueue_timeout.kind"] === kind,
    ),
  );
}

liveTest("a card that sends nothing is found by the watchdog and described", async (context) => {
  if (!isDisposable) {
    context.skip("NOT TESTED: only a virtual machine has a card that can be stopped");
    return;
  }
  const kerntel = await shareKerntel("      netdev_txqueue_timeout: {}");
  using card = stallCard(STALL_LIMIT_MS);
  const timeout = await waitFor(kerntel, "watchdog");
  assert.equal(timeout.severity, 17);
  assert.equal(timeout.attributes["network.interface.name"], card.name);
  assert.equal(timeout.attributes["kerntel.network.interface.driver"], "virtio_net");
  assert.equal(timeout.attributes["kerntel.netdev_txqueue_timeout.queue"], 0);
  assert.equal(timeout.attributes["error.type"], "transmit_timeout");
  assert.match(timeout.body, new RegExp(`^Transmit queue 0 of ${card.name} \\(virtio_net\\) timed out`));
  noteKernel(context, "netdev_txqueue_timeout", "provoked", "a card whose other end takes nothing");

  card.release();
  const stored = [timeout];
  if (card.hasByteQueueLimits) {
    const stall = await waitFor(kerntel, "byte_queue");
    stored.push(stall);
    assert.equal(stall.severity, 13);
    assert.equal(stall.attributes["network.interface.name"], card.name);
    assert.equal(stall.attributes["kerntel.netdev_txqueue_timeout.queue"], 0);
    assert.equal(stall.attributes["kerntel.threshold"], STALL_LIMIT_MS / 1e3);
    // The watchdog of this driver waits for 5 s.
    assert.ok(Number(stall.attributes["kerntel.duration"]) > 4);
    noteKernel(context, "netdev_txqueue_timeout", "provoked", "completions that come late");
  }
  assertDeclared(stored);
  const books = await assertBooksClose(kerntel, "netdev_txqueue_timeout");
  const counts = readMetric(await kerntel.metrics(), "kerntel_netdev_txqueue_timeout_timeouts_total");
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(total, books["seen"]);
  assert.ok(
    Number(
      counts.get(`{network_interface_name="${card.name}",kerntel_netdev_txqueue_timeout_kind="watchdog"}`),
    ) >= 1,
  );
});
