/** A user that floods an event takes no record from a container. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { assertBooksClose } from "../live/assertions.ts";
import { liveTest } from "../live/live-test.ts";
import { shareKerntel } from "../live/shared-kerntel.ts";
import { WANTED, floodBesideDrops, floodBesideRetransmissions } from "./tenant-limit.ts";
import type { Beside } from "./tenant-limit.ts";

const DURATION_MS = 15_000;
/** The limit for the machine, which is the default. */
const LIMIT = 100;

function assertServed(context: TestContext, { happened, described, flooded }: Beside, before: string): void {
  context.diagnostic(
    `of the container's ${happened}, beside ${flooded} of a user's: ${described} described; ${before}`,
  );
  assert.ok(flooded > 5 * WANTED, `the flood was ${flooded}`);
  assert.ok(described >= happened - 2, `${described} of ${happened}`);
}

liveTest("a SYN flood in a user's own namespace leaves a container its retransmissions", async (context) => {
  const kerntel = await shareKerntel(`      tcp_retransmit: { limit_per_second: ${LIMIT} }`);
  const beside = await floodBesideRetransmissions(kerntel, DURATION_MS);
  assertServed(context, beside, "with one bucket for the machine 10 of 36");
  const { suppressed } = await assertBooksClose(kerntel, "tcp_retransmit");
  assert.ok(Number(suppressed) > 0);
});

liveTest("a flood of drops in a user's own namespace leaves a container its drops", async (context) => {
  const kerntel = await shareKerntel(`      dropwatch: { limit_per_second: ${LIMIT}, window_seconds: 0 }`);
  const beside = await floodBesideDrops(kerntel, DURATION_MS);
  assertServed(context, beside, "each drop by itself, without windows");
  const { suppressed } = await assertBooksClose(kerntel, "dropwatch");
  assert.ok(Number(suppressed) > 0);
});
