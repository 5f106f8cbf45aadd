/** A port negotiates another speed: told when its carrier is back, against the last speed that was known. */
import assert from "node:assert/strict";
import { ipBatch, readLinkFile } from "#test/provoke/link.ts";
import { makeSwitch, setPortLink } from "#test/provoke/own-switch.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

interface Watched {
  readonly kerntel: RunningKerntel;
  readonly index: number;
  /** Another test may have had the same port before: only what comes after this record is this test's. */
  readonly since: string;
}

/** The changes of one kind of the interface, once there are so many. */
function waitForChanges(
  { kerntel, index, since }: Watched,
  change: string,
  count: number,
): Promise<readonly StoredLine[]> {
  return waitUntil(`change ${change}, number ${count}`, async () => {
    const lines = await kerntel.look({ event: "kerntel.netdev_link" });
    const found = lines
      .filter(
        ({ uid, attributes }) =>
          uid > since &&
          attributes["kerntel.network.interface.index"] === index &&
          attributes["kerntel.netdev_link.change"] === change,
      )
      .toSorted((left, right) => left.uid.localeCompare(right.uid));
    return found.length >= count ? found : undefined;
  });
}

/** Each change is waited for before the next: both at once would be one message. Answers the uid of the record of the carrier's return. */
async function negotiate(
  kerntel: RunningKerntel,
  index: number,
  link: Parameters<typeof setPortLink>,
): Promise<string> {
  const since = await newestUid(kerntel);
  setPortLink(0);
  const [down] = await waitForChanges({ kerntel, index, since }, "carrier_down", 1);
  setPortLink(...link);
  const [up] = await waitForChanges({ kerntel, index, since: down?.uid ?? "" }, "carrier_up", 1);
  return up?.uid ?? "";
}

async function newestUid(kerntel: RunningKerntel): Promise<string> {
  const lines = await kerntel.stored({ event: "kerntel.netdev_link" });
  return lines.reduce((newest, { uid }) => (uid > newest ? uid : newest), "");
}

function own({ attributes }: StoredLine, name: string): unknown {
  return attributes[`kerntel.netdev_link.${name}`];
}

liveTest("another speed and another duplex are told with what they were before", async (context) => {
  const port = makeSwitch();
  const index = Number(readLinkFile(port, "ifindex"));
  const kerntel = await shareKerntel("      netdev_link: { deny: [lo] }");
  setPortLink(10_000);
  await waitUntil("the port to be known", async () => {
    const known = readMetric(await kerntel.metrics(), "kerntel_netdev_link_running_ratio");
    return [...known.keys()].some((labels) => labels.includes(`"${port}"`)) || undefined;
  });
  const atStart: Watched = { kerntel, index, since: await newestUid(kerntel) };
  ipBatch([`link set ${port} up`]);
  await waitForChanges(atStart, "admin_up", 1);
  // The first time may bring a change from what another test had left; the second brings none.
  await negotiate(kerntel, index, [10_000]);
  const since = await negotiate(kerntel, index, [10_000]);
  const negotiated = [
    [1_000, "full"],
    [25_000, "full"],
    [25_000, "half"],
  ] as const;
  try {
    for (const link of negotiated) await negotiate(kerntel, index, [...link]);
    const lines = await waitForChanges({ kerntel, index, since }, "speed", negotiated.length);
    assert.deepEqual(
      lines.map((line) => [
        line.severity,
        own(line, "previous.speed"),
        own(line, "speed"),
        own(line, "previous.duplex"),
        own(line, "duplex"),
      ]),
      [
        [13, 10_000, 1_000, "full", "full"],
        [9, 1_000, 25_000, "full", "full"],
        [13, 25_000, 25_000, "full", "half"],
      ],
    );
    assertDeclared(lines);
    await assertBooksClose(kerntel, "netdev_link");
    noteKernel(context, "netdev_link", "provoked", "a port of our own switch that negotiates other speeds");
  } finally {
    ipBatch([`link set ${port} down`]);
    setPortLink(10_000);
  }
});
