/** Packets are dropped for real; each is told from the machine's other drops by its port. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { dropConnection, dropDatagrams, dropEcho, overflowSocket } from "#test/provoke/drop.ts";
import { dropOnInterface } from "./provoke-burst.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const each = "      dropwatch: { limit_per_second: 0, window_seconds: 0 }";

async function findDrop(
  kerntel: RunningKerntel,
  what: string,
  matches: (line: StoredLine) => boolean,
): Promise<StoredLine> {
  return waitUntil(`${what} in the local log`, async () =>
    (await kerntel.look({ event: "kerntel.dropwatch" })).find(matches),
  );
}

const hasPort =
  (port: number) =>
  ({ attributes }: StoredLine): boolean =>
    attributes["destination.port"] === port;

async function assertDescribed(kerntel: RunningKerntel): Promise<void> {
  const cases = [
    {
      port: await dropDatagrams("udp4", 1),
      transport: "udp",
      type: "ipv4",
      address: "127.0.0.1",
      place: /^__udp4_lib_rcv|^udp_/,
    },
    {
      port: await dropDatagrams("udp6", 1),
      transport: "udp",
      type: "ipv6",
      address: "::1",
      place: /^__udp6_lib_rcv|^udpv6_/,
    },
    {
      port: await dropConnection("127.0.0.1"),
      transport: "tcp",
      type: "ipv4",
      address: "127.0.0.1",
      place: /^tcp_v4_rcv/,
    },
    {
      port: await dropConnection("::1"),
      transport: "tcp",
      type: "ipv6",
      address: "::1",
      place: /^tcp_v6_rcv/,
    },
  ];
  for (const { port, transport, type, address, place } of cases) {
    const line = await findDrop(kerntel, `the ${transport} drop over ${type}`, hasPort(port));
    const { attributes } = line;
    assert.equal(line.severity, 13);
    assert.equal(attributes["kerntel.dropwatch.reason"], "NO_SOCKET");
    assert.equal(attributes["error.type"], "no_socket");
    assert.equal(attributes["network.transport"], transport);
    assert.equal(attributes["network.type"], type);
    assert.equal(attributes["source.address"], address);
    assert.equal(attributes["destination.address"], address);
    assert.ok(Number(attributes["source.port"]) > 0);
    assert.equal(attributes["network.interface.name"], "lo");
    assert.ok(Number(attributes["kerntel.packet.length"]) > 0);
    assert.ok(Number(attributes["kerntel.network.namespace.inode"]) > 0);
    assert.match(String(attributes["code.function.name"]), place);
    assert.ok(String(attributes["code.stacktrace"]).includes(String(attributes["code.function.name"])));
    assertDeclared([line]);
  }
}

async function assertEchoDescribed(kerntel: RunningKerntel): Promise<void> {
  await dropEcho();
  const { attributes } = await findDrop(
    kerntel,
    "the dropped echo request",
    (line) => line.attributes["kerntel.dropwatch.icmp.type"] === 8,
  );
  assert.equal(attributes["kerntel.dropwatch.ip.protocol"], 1);
  assert.equal(attributes["kerntel.dropwatch.icmp.code"], 0);
  assert.equal(attributes["source.port"], undefined);
}

/** Returns what it proves of this kernel. */
async function assertOwned(kerntel: RunningKerntel, context: TestContext): Promise<string> {
  const { port, containerId, cgroupPath } = await overflowSocket();
  const line = await findDrop(kerntel, "the drop at the full socket", hasPort(port));
  assert.equal(line.attributes["kerntel.dropwatch.reason"], "SOCKET_RCVBUFF");
  if (line.attributes["kerntel.socket.user.id"] === undefined) {
    context.diagnostic("this kernel does not tell the receiving socket (before 6.11)");
    return "a full socket";
  }
  assert.equal(line.attributes["kerntel.socket.user.id"], process.getuid?.());
  assert.equal(line.attributes["kerntel.socket.cgroup.path"], cgroupPath);
  assert.equal(line.resource["container.id"], containerId);
  return "a full socket, with its owner";
}

liveTest(
  "drops of each protocol are described, and one at a full socket is about the container that owns it",
  async (context) => {
    const kerntel = await shareKerntel(each);
    await assertDescribed(kerntel);
    noteKernel(context, "dropwatch", "provoked", "datagrams and SYNs to closed ports");
    await assertEchoDescribed(kerntel);
    noteKernel(context, "dropwatch", "provoked", "an ignored echo request");
    noteKernel(context, "dropwatch", "provoked", await assertOwned(kerntel, context));
  },
);

liveTest(
  "a drop on an interface whose name is no ASCII text has the interface's name and index",
  async () => {
    const kerntel = await shareKerntel(each);
    for (const [bytes, name] of [
      [String.raw`gr\303\274\303\237e`, "grüße"],
      [String.raw`ab\377c`, String.raw`ab\377c`],
      [String.raw`ab\001c`, "ab\u0001c"],
    ] as const) {
      await using drop = await dropOnInterface(bytes);
      const { attributes } = await findDrop(
        kerntel,
        `the drop on ${name}`,
        (line) =>
          line.attributes["kerntel.network.namespace.inode"] === drop.netnsInode &&
          line.attributes["destination.port"] === drop.port &&
          line.time >= drop.since,
      );
      assert.equal(attributes["network.interface.name"], name);
      assert.equal(attributes["kerntel.network.interface.index"], 1);
    }
  },
);

/** Packets by reason, and what the program says was there to be told. */
async function readTotals(
  kerntel: RunningKerntel,
): Promise<{ readonly packets: number; readonly seen: number }> {
  const metrics = await kerntel.metrics();
  const packets = [...readMetric(metrics, "kerntel_dropwatch_packets_total").values()];
  const outcome = (name: string): number =>
    readMetric(metrics, "kerntel_event_records_total").get(
      `{kerntel_event_name="dropwatch",kerntel_event_outcome="${name}"}`,
    ) ?? 0;
  return {
    packets: packets.reduce((sum, value) => sum + value, 0),
    seen: outcome("seen") - outcome("missed"),
  };
}

liveTest("a flood is described up to the limit and counted to the last packet", async () => {
  const kerntel = await shareKerntel("      dropwatch: { limit_per_second: 5, window_seconds: 0 }");
  const count = 2_000;
  const before = await readTotals(kerntel);
  const port = await dropDatagrams("udp4", count);
  const books = await assertBooksClose(kerntel, "dropwatch");
  const described = (await kerntel.stored({ event: "kerntel.dropwatch" })).filter(hasPort(port));
  assert.ok(described.length > 0);
  // The bucket holds one second's worth, and the flood lasts a while.
  assert.ok(described.length < count / 2, `${described.length} of ${count} were described`);
  assert.ok(Number(books["suppressed"]) >= count - described.length);
  assert.ok(Number(books["seen"]) >= count);

  const after = await readTotals(kerntel);
  // One scrape reads the kernel's counters one after the other, and other programs drop packets meanwhile.
  const [packets, seen] = [after.packets - before.packets, after.seen - before.seen];
  assert.ok(packets >= count && Math.abs(packets - seen) <= 20, `${packets} and ${seen}`);
});
