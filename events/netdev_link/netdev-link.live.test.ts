/** Interfaces come, change and go for real. Every transition of a carrier that the kernel counted is accounted for. */
import assert from "node:assert/strict";
import { flapLink, ipBatch, ipBytes, makeVethPair, readLinkFile } from "#test/provoke/link.ts";
import { loadWhereModular } from "#test/provoke/loaded-module.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

/** At most 15 bytes, with the `p` of the peer; unlike that of any other run. */
const name = `kl${process.pid}a`;
// Only the first end is watched: its peer and the interfaces of other tests are denied.
const events = `      netdev_link: { deny: ["lo", "*p", "eth*", "ifb*", "bl*"] }`;

function changeOf({ attributes }: StoredLine): string {
  return String(attributes["kerntel.netdev_link.change"]);
}

async function changesOf(kerntel: RunningKerntel, index: number): Promise<StoredLine[]> {
  const lines = await kerntel.stored({ event: "kerntel.netdev_link" });
  return lines.filter(({ attributes }) => attributes["kerntel.network.interface.index"] === index);
}

function waitForChange(kerntel: RunningKerntel, index: number, change: string): Promise<StoredLine> {
  return waitUntil(`the change ${change}`, async () =>
    (await changesOf(kerntel, index)).find((line) => changeOf(line) === change),
  );
}

liveTest("an interface is followed from its first day to its last", async (context) => {
  const kerntel = await shareKerntel(events);
  using pair = makeVethPair(name);
  const { index } = pair;
  const added = await waitForChange(kerntel, index, "added");
  assert.equal(added.severity, 9);
  assert.equal(added.attributes["network.interface.name"], name);
  assert.equal(added.attributes["hw.type"], "network");
  assert.equal(added.attributes["kerntel.netdev_link.kind"], "veth");
  assert.equal(added.attributes["kerntel.network.interface.driver"], "veth");
  assert.equal(added.attributes["hw.network.physical_address"], readLinkFile(name, "address"));
  assert.equal(added.resource["container.id"], undefined);

  ipBatch([`link set ${name} up`]);
  assert.equal((await waitForChange(kerntel, index, "admin_up")).severity, 9);
  ipBatch([`link set ${pair.peer} up`]);
  const up = await waitForChange(kerntel, index, "carrier_up");
  assert.equal(up.severity, 9);
  assert.equal(up.attributes["kerntel.netdev_link.carrier"], true);
  assert.equal(up.attributes["kerntel.netdev_link.speed"], 10_000);
  assert.equal(up.attributes["kerntel.netdev_link.duplex"], "full");
  assert.match(up.body, /carrier is there, 10000 Mbit\/s full duplex/);
  ipBatch([`link set ${pair.peer} down`]);
  const down = await waitForChange(kerntel, index, "carrier_down");
  assert.equal(down.severity, 13);
  assert.equal(down.attributes["kerntel.netdev_link.up"], true);
  assert.equal(down.body, `Network interface ${name}: carrier lost`);

  flapLink(pair, 40);
  await assertEveryTransition(kerntel, index);
  noteKernel(context, "netdev_link", "provoked", "a carrier that comes and goes 40 times at once");

  await assertMembership(kerntel, index);
  ipBatch([`link set ${name} down`, `link set ${name} name ${name}x`, `link delete ${name}x`]);
  assert.equal((await waitForChange(kerntel, index, "admin_down")).severity, 13);
  const renamed = await waitForChange(kerntel, index, "renamed");
  assert.equal(renamed.attributes["kerntel.netdev_link.previous.name"], name);
  const removed = await waitForChange(kerntel, index, "removed");
  assert.equal(removed.severity, 13);
  assert.equal(removed.attributes["network.interface.name"], `${name}x`);

  const all = await changesOf(kerntel, index);
  assertDeclared(all);
  await assertCounted(kerntel, all);
  const books = await assertBooksClose(kerntel, "netdev_link");
  assert.ok(Number(books["filtered"]) > 0, "the peer is denied");
  noteKernel(context, "netdev_link", "provoked", "an interface made, set up, renamed, set down and removed");
});

/** Told one by one, or as a number of transitions that no message told. */
async function assertEveryTransition(kerntel: RunningKerntel, index: number): Promise<void> {
  const target = Number(readLinkFile(name, "carrier_changes"));
  const lines = await waitUntil("the last transition", async () => {
    const found = await changesOf(kerntel, index);
    const latest = Math.max(
      ...found.map((line) => Number(line.attributes["kerntel.netdev_link.carrier_changes"])),
    );
    return latest === target ? found : undefined;
  });
  const first = Number(
    lines.find((line) => changeOf(line) === "added")?.attributes["kerntel.netdev_link.carrier_changes"],
  );
  const told = lines.filter((line) => changeOf(line).startsWith("carrier_")).length;
  const unseen = lines.reduce(
    (total, { attributes }) => total + Number(attributes["kerntel.netdev_link.flap.transitions"] ?? 0),
    0,
  );
  assert.equal(told + unseen, target - first);
  assert.ok(told > 2 || unseen > 0);
}

/** A bridge is where this kernel has one; a bond is the business of bonding-lacp.live.test.ts. */
async function assertMembership(kerntel: RunningKerntel, index: number): Promise<void> {
  const bridge = `kb${process.pid}p`;
  loadWhereModular("bridge");
  try {
    ipBatch([`link add ${bridge} type bridge`]);
  } catch {
    return;
  }
  try {
    ipBatch([`link set ${name} master ${bridge}`, `link set ${name} nomaster`]);
    const joined = await waitForChange(kerntel, index, "joined");
    assert.equal(joined.attributes["kerntel.netdev_link.master.name"], bridge);
    assert.equal(joined.attributes["kerntel.netdev_link.master.kind"], "bridge");
    const left = await waitForChange(kerntel, index, "left");
    assert.equal(left.attributes["kerntel.netdev_link.master.name"], bridge);
    assert.equal(left.severity, 13);
  } finally {
    ipBatch([`link delete ${bridge}`]);
  }
}

async function assertCounted(kerntel: RunningKerntel, lines: readonly StoredLine[]): Promise<void> {
  const samples = readMetric(await kerntel.metrics(), "kerntel_netdev_link_changes_total");
  for (const [labels, count] of samples) {
    const { name: interfaceName, change } =
      /network_interface_name="(?<name>[^"]+)",kerntel_netdev_link_change="(?<change>[^"]+)"/.exec(labels)
        ?.groups ?? {};
    const stored = lines.filter(
      (line) => line.attributes["network.interface.name"] === interfaceName && changeOf(line) === change,
    );
    if (interfaceName?.startsWith(name) === true) assert.equal(count, stored.length, labels);
  }
  assert.equal(samples.get(`{network_interface_name="${name}",kerntel_netdev_link_change="added"}`), 1);
}

liveTest("interfaces whose names differ in a byte that is no text are two, with two series", async () => {
  const kerntel = await shareKerntel(events);
  loadWhereModular("veth");
  const names = ["a\xff", "a\xfe", "\xc3\xa9"].map((end) => `${name}${end}`);
  const texts = [String.raw`a\377`, String.raw`a\376`, "é"].map((end) => `${name}${end}`);
  try {
    for (const [index, latin1] of names.entries())
      assert.ok(ipBytes(`link add ${latin1} type veth peer name ${name}${index}p`));
    for (const text of texts) {
      const { attributes } = await waitUntil(`the interface ${text}`, async () =>
        (await kerntel.stored({ event: "kerntel.netdev_link" })).find(
          (line) => line.attributes["network.interface.name"] === text,
        ),
      );
      assert.equal(attributes["kerntel.netdev_link.change"], "added");
      // The driver is found by the name's own bytes.
      assert.equal(attributes["kerntel.network.interface.driver"], "veth");
    }
    const samples = (await kerntel.metrics()).split("\n").filter((line) => line.startsWith("kerntel_"));
    const series = samples.map((line) => line.slice(0, line.lastIndexOf(" ")));
    assert.equal(new Set(series).size, series.length, series.join("\n"));
    for (const text of texts) {
      // A label's backslash is escaped once more.
      const label = `network_interface_name="${text.replaceAll("\\", "\\\\")}"`;
      assert.ok(
        series.includes(`kerntel_netdev_link_changes_total{${label},kerntel_netdev_link_change="added"}`),
        label,
      );
    }
  } finally {
    for (const latin1 of names) ipBytes(`link delete ${latin1}`);
  }
});
