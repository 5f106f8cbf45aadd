/** A driver that answers queries with errors: its interface is watched all the same. */
import assert from "node:assert/strict";
import { constants } from "node:os";
import { ipBatch, readLinkFile } from "#test/provoke/link.ts";
import { failPortQueries, makeSwitch, setPortLink } from "#test/provoke/own-switch.ts";
import { assertBooksClose } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const { EIO, EBUSY, ETIMEDOUT, EINVAL } = constants.errno;

liveTest(
  "a driver's error is an answer: it is counted, and the interface is still watched",
  async (context) => {
    const port = makeSwitch();
    const index = Number(readLinkFile(port, "ifindex"));
    const kerntel = await shareKerntel("      netdev_link: { deny: [lo] }");
    const read = async (metric: string, labels: string): Promise<number> =>
      readMetric(await kerntel.metrics(), metric).get(labels) ?? 0;
    const countChanges = async (change: string): Promise<number> =>
      (await kerntel.stored({ event: "kerntel.netdev_link" })).filter(
        ({ attributes }) =>
          attributes["kerntel.network.interface.index"] === index &&
          attributes["kerntel.netdev_link.change"] === change,
      ).length;
    setPortLink(10_000);
    ipBatch([`link set ${port} up`]);
    const before = kerntel.err.length;
    try {
      for (const [name, errorNumber] of Object.entries({ EIO, EBUSY, ETIMEDOUT, EINVAL })) {
        const labels = `{kerntel_event_name="netdev_link",error_type="${name}"}`;
        const [counted, up] = [
          await read("kerntel_driver_errors_total", labels),
          await countChanges("carrier_up"),
        ];
        const down = await countChanges("carrier_down");
        setPortLink(0);
        // Both changes at once would be one message.
        await waitUntil("the carrier to be gone", async () =>
          (await countChanges("carrier_down")) > down ? true : undefined,
        );
        failPortQueries(errorNumber);
        setPortLink(1_000);
        await waitUntil(`the carrier to be back, with ${name} from the driver`, async () =>
          (await countChanges("carrier_up")) > up ? true : undefined,
        );
        assert.ok((await read("kerntel_driver_errors_total", labels)) > counted, `${name} was not counted`);
      }
      const said = kerntel.err.slice(before);
      assert.match(said, /netdev_link: the driver of kswitch0 does not answer: .*EIO/);
      assert.doesNotMatch(said, /uncaught|restarting/);
      assert.equal((await kerntel.reports()).get("netdev_link")?.state, "running");
      await assertBooksClose(kerntel, "netdev_link");
      noteKernel(context, "netdev_link", "provoked", "a driver that answers queries with errors");
    } finally {
      failPortQueries(0);
      ipBatch([`link set ${port} down`]);
      setPortLink(10_000);
    }
  },
);
