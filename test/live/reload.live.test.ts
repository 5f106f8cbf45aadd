/** SIGHUP: thresholds change while the events go on watching. */
import assert from "node:assert/strict";
import { dropDatagrams } from "../provoke/drop.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel } from "./running-kerntel.ts";
import type { EventLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

function settings(text: string): string {
  return `      dropwatch: { window_seconds: 0, ${text} }`;
}

async function dropwatch(kerntel: RunningKerntel): Promise<EventLine> {
  return (await kerntel.reports()).get("dropwatch") as EventLine;
}

async function dropUntil(
  what: string,
  kerntel: RunningKerntel,
  isMet: (line: EventLine) => boolean,
): Promise<void> {
  await waitUntil(what, async () => {
    await dropDatagrams("udp4", 20);
    return isMet(await dropwatch(kerntel)) || undefined;
  });
}

liveTest("a limit changes without a new start, and an event can be switched off and on", async () => {
  await using kerntel = await RunningKerntel.start({ events: settings("limit_per_second: 1") });
  const { since } = await dropwatch(kerntel);
  await dropUntil("drops over the limit", kerntel, ({ suppressed }) => Number(suppressed) > 0);

  await kerntel.reload(settings("limit_per_second: 0"));
  assert.match(kerntel.err, /configuration read again, changed: dropwatch\n/);
  const { suppressed } = await dropwatch(kerntel);
  const { stored } = await dropwatch(kerntel);
  await dropUntil("drops without a limit", kerntel, (line) => Number(line["stored"]) > Number(stored) + 20);
  const unlimited = await dropwatch(kerntel);
  assert.equal(unlimited["suppressed"], suppressed);
  assert.equal(unlimited["since"], since);

  await kerntel.reload(settings("limit_per_second: nought"));
  assert.match(kerntel.err, /old one stays in force: .*limit_per_second/);
  assert.equal((await dropwatch(kerntel)).state, "running");

  await kerntel.reload(settings("enabled: false"));
  assert.equal((await dropwatch(kerntel)).state, "disabled");
  await kerntel.reload(settings("enabled: true"));
  assert.equal((await dropwatch(kerntel)).state, "running");
});
