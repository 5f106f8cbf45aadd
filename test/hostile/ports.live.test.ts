/** A user who connects to the port that Prometheus scrapes takes neither memory nor descriptors from the receiver. */
import assert from "node:assert/strict";
import { isHostsAlone } from "../live/hosts-alone.ts";
import { liveTest } from "../live/live-test.ts";
import { attackByDeafness, attackByIdleness, describeAttack } from "./port-attack.ts";
import type { PortAttack } from "./port-attack.ts";

const DURATION_MS = 6_000;
/** Of one collection for everybody there may be two at a time, as text and as bytes; garbage comes on top. */
const MOST_GROWTH_BYTES = 120 * 1024 * 1024;

function assertHarmless(attack: PortAttack, connections: number): void {
  assert.ok(attack.opened > connections, `${attack.opened} connections`);
  // Each connection above the 32nd was closed at once, or took the place of one that kept the server waiting.
  const { too_many: tooMany = 0, displaced = 0 } = attack.closed;
  assert.ok(tooMany + displaced > 100, JSON.stringify(attack.closed));
  assert.ok(attack.stored > 500);
  assert.equal(attack.refused, 0);
  assert.equal(attack.answered, attack.scrapes, "scrapes of another user during the attack");
  assert.ok(attack.scrapesAfter, "a scrape after the attack");
}

liveTest("300 connections that never read take no more memory than one does", async (context) => {
  if (isHostsAlone(context)) return;
  const attack = await attackByDeafness(DURATION_MS);
  context.diagnostic(describeAttack("300 connections that never read", attack).figure);
  assertHarmless(attack, 300);
  assert.ok(attack.scrapeBytes > 2_000_000, `${attack.scrapeBytes} bytes`);
  assert.ok(attack.memoryPeakBytes - attack.memoryBeforeBytes < MOST_GROWTH_BYTES);
});

liveTest(
  "500 idle connections leave the local log and the control socket their descriptors",
  async (context) => {
    if (isHostsAlone(context)) return;
    const attack = await attackByIdleness(DURATION_MS);
    context.diagnostic(describeAttack("500 idle connections", attack).figure);
    assertHarmless(attack, 500);
  },
);
