/** Two bonds negotiate for real; a partner falls silent, a link is cut. */
import assert from "node:assert/strict";
import { canBond, makeBondPair } from "./provoke.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

/** Latest first: a port may go the same way twice. */
async function findChange(
  kerntel: RunningKerntel,
  { bond, port, change, after }: { bond: string; port: string; change: string; after: string },
): Promise<StoredLine> {
  return waitUntil(`${change} of ${port}`, async () =>
    (await kerntel.look({ event: "kerntel.bonding_lacp" })).find(
      ({ uid, attributes }) =>
        uid > after &&
        attributes["kerntel.bonding_lacp.bond"] === bond &&
        attributes["network.interface.name"] === port &&
        attributes["kerntel.bonding_lacp.change"] === change,
    ),
  );
}

liveTest(
  "a port whose partner falls silent, and one whose link is cut, are told with their states",
  async (context) => {
    if (!canBond()) {
      context.skip("NOT TESTED: this kernel has no bonding");
      return;
    }
    const kerntel = await shareKerntel("      bonding_lacp: { poll_seconds: 1 }");
    using pair = makeBondPair(`kl${process.pid % 10_000}`);
    const { bond } = pair;
    const [first, second] = pair.ports;
    const find = (port: string, change: string, after = ""): Promise<StoredLine> =>
      findChange(kerntel, { bond, port, change, after });

    const serving = await find(first, "in_service");
    await find(second, "in_service");
    assert.equal(serving.severity, 9);
    const actor = serving.attributes["kerntel.bonding_lacp.actor.state"] as readonly string[];
    for (const bit of ["aggregation", "synchronization", "collecting", "distributing"])
      assert.ok(actor.includes(bit), String(actor));

    // Where the driver is hooked, all that it does is told by the hook.
    const hook = (await kerntel.reports()).get("bonding_lacp")?.["hook"];
    const source = String(hook).includes("kprobe/ad_rx_machine") ? "kprobe" : "rtnetlink";
    assert.equal(serving.attributes["kerntel.bonding_lacp.source"], source);
    pair.silencePartner(first);
    const lost = await find(first, "partner_lost", serving.uid);
    const silent = await find(first, "out_of_service", serving.uid);
    assert.equal(lost.severity, 13);
    assert.equal(lost.attributes["kerntel.bonding_lacp.source"], source);
    assert.equal(silent.severity, 13);
    assert.equal(silent.body, `Port ${first} of ${bond} no longer collects and distributes`);
    noteKernel(context, "bonding_lacp", "provoked", "a partner that sends nothing more");

    pair.cut(second);
    const cut = await find(second, "out_of_service", silent.uid);
    assert.equal(cut.severity, 13);
    pair.mend(second);
    await find(second, "in_service", cut.uid);
    noteKernel(context, "bonding_lacp", "provoked", "a link of a bond that is cut and mended");

    const lines = await kerntel.stored({ event: "kerntel.bonding_lacp" });
    assertDeclared(lines);
    const addresses = lines.map(({ attributes }) => attributes["kerntel.bonding_lacp.partner.address"]);
    assert.ok(addresses.some((address) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(String(address))));
    const counted = readMetric(await kerntel.metrics(), "kerntel_bonding_lacp_changes_total");
    const labels = `{kerntel_bonding_lacp_bond="${bond}",kerntel_bonding_lacp_change="partner_lost"}`;
    assert.ok(Number(counted.get(labels)) >= 1, [...counted.keys()].join(" "));
    await assertBooksClose(kerntel, "bonding_lacp");
  },
);
