/** An ordinary user floods the machine with drops until records are suppressed and lost: the receiver says so, to the number. */
import assert from "node:assert/strict";
import { assertBooksClose } from "../live/assertions.ts";
import { liveTest } from "../live/live-test.ts";
import { readMetric, RunningKerntel } from "../live/running-kerntel.ts";
import type { StoredLine } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { floodDrops } from "./flood-drops.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

function sumCounts(lines: readonly StoredLine[], reason: string): number {
  return lines
    .filter(({ attributes }) => attributes["kerntel.blind.reason"] === reason)
    .reduce((sum, { attributes }) => sum + Number(attributes["kerntel.count"]), 0);
}

liveTest(
  "a user who floods drops blinds nobody unseen: each loss is in a record, and few records say it",
  async (context) => {
    await using user = await UnprivilegedUser.enter();
    const events = `      blind: { interval_seconds: 2 }
      dropwatch: { limit_per_second: 50, window_seconds: 0 }`;
    await using kerntel = await RunningKerntel.start({ events });
    await floodDrops(user, 5_000);
    const books = await assertBooksClose(kerntel, "dropwatch");
    const losses = ["suppressed", "ring_lost", "missed", "refused"] as const;
    const lines = await waitUntil("every loss to be in a record", async () => {
      const stored = await kerntel.stored({ event: "kerntel.blind" });
      const isSaid = losses.every((reason) => sumCounts(stored, reason) === Number(books[reason]));
      return isSaid ? stored : undefined;
    });
    assert.ok(Number(books["suppressed"]) > 1_000, `suppressed: ${String(books["suppressed"])}`);
    assert.ok(lines.every(({ attributes }) => attributes["kerntel.event.name"] === "dropwatch"));
    // One for each reason and two seconds of the flood, the first at once, and what came last.
    assert.ok(lines.length <= losses.length * 6, `${lines.length} records`);
    const counted = readMetric(await kerntel.metrics(), "kerntel_event_records_total");
    const [, suppressed] =
      [...counted].find(([labels]) => labels.includes('"dropwatch"') && labels.includes('"suppressed"')) ??
      [];
    assert.equal(suppressed, sumCounts(lines, "suppressed"));
    context.diagnostic(
      `${String(books["seen"])} drops in 5 s: ${losses.map((loss) => `${String(books[loss])} ${loss}`).join(", ")}; ${lines.length} records say so`,
    );
  },
);
