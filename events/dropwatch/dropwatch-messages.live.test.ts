/** Tools that configure and query the network exchange netlink messages with the kernel: none of those is a dropped packet. */
import assert from "node:assert/strict";
import { release } from "node:os";
import { controlPlaneTools, runTool } from "./provoke-control-plane.ts";
import { assertBooksClose } from "#test/live/assertions.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import type { StoredLine } from "#test/live/running-kerntel.ts";

/** A message has neither an address nor an interface; what other programs lose meanwhile has. */
const isMessage = ({ attributes }: StoredLine): boolean =>
  attributes["source.address"] === undefined &&
  attributes["network.interface.name"] === undefined &&
  attributes["kerntel.dropwatch.ethertype"] === undefined;

liveTest("no tool that configures or queries the network leaves a record of a drop", async (context) => {
  const kerntel = await shareKerntel("      dropwatch: { window_seconds: 0, limit_per_second: 0 }");
  const readRule = async (): Promise<number> =>
    readMetric(await kerntel.metrics(), "kerntel_dropwatch_filtered_total").get(
      '{kerntel_dropwatch_rule="netlink"}',
    ) ?? 0;
  const before = await readRule();
  const since = new Date().toISOString().slice(0, -1);
  const ran = new Set<string>();
  for (const tool of controlPlaneTools) {
    const succeeded = runTool(tool);
    context.diagnostic(
      `${tool}: ${succeeded === undefined ? "not here" : `${succeeded} commands succeeded`}`,
    );
    if (succeeded !== undefined && succeeded > 0) ran.add(tool);
  }
  // These are on every machine that runs the test.
  for (const tool of ["ip", "tc", "bridge", "ss"]) assert.ok(ran.has(tool), `${tool} did nothing`);

  await assertBooksClose(kerntel, "dropwatch");
  const lines = await kerntel.stored({ event: "kerntel.dropwatch" });
  const messages = lines.filter((line) => line.time >= since && isMessage(line));
  assert.deepEqual(
    messages.map(({ body, attributes }) => [body, attributes["code.stacktrace"]]),
    [],
  );
  if (ran.has("nft") && release().startsWith("6.1.")) {
    // There each transaction ends by freeing its message as if it were dropped: the rule has something to do.
    assert.ok((await readRule()) > before, "the rule netlink counted nothing");
  }
});
