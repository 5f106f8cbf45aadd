/** Packets with VLAN tags in them: of whatever kind, and wherever they stand, addresses are found and the filter sees them. */
import assert from "node:assert/strict";
import { dropTagged, taggedAddresses } from "#test/provoke/tagged-drop.ts";
import type { TaggedDrop } from "#test/provoke/tagged-drop.ts";
import { assertDeclared } from "#test/live/assertions.ts";
import { liveTest } from "#test/live/live-test.ts";
import { findFreePort } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const CUSTOMER = 0x8100;
const PROVIDER = 0x88a8;

const cases: readonly [what: string, filter: string, drop: Omit<TaggedDrop, "destinationPort">][] = [
  ["a tag", "vlan 1 and udp", { family: "ipv4", received: [CUSTOMER], pushed: 0 }],
  ["a provider's tag", "vlan 1 and udp", { family: "ipv6", received: [PROVIDER], pushed: 0 }],
  ["two tags", "vlan 1 and vlan 2 and udp", { family: "ipv4", received: [PROVIDER, CUSTOMER], pushed: 0 }],
  [
    "one of the device's and one in it",
    "vlan 2 and vlan 1 and udp",
    { family: "ipv4", received: [], pushed: 2 },
  ],
  [
    "one of the device's and two in it",
    "vlan 3 and vlan 2 and vlan 1 and udp",
    { family: "ipv6", received: [], pushed: 3 },
  ],
];

for (const [what, filter, drop] of cases) {
  liveTest(`a dropped packet with ${what} has its addresses, and passes a filter for it`, async () => {
    const destinationPort = await findFreePort();
    const kerntel = await shareKerntel(
      `      dropwatch: { limit_per_second: 0, window_seconds: 0, filter: ${filter} dst port ${destinationPort} }`,
    );
    dropTagged({ ...drop, destinationPort });
    const line = await waitUntil("the tagged drop in the local log", async () =>
      (await kerntel.look({ event: "kerntel.dropwatch" })).find(
        ({ attributes }) => attributes["destination.port"] === destinationPort,
      ),
    );
    const { attributes } = line;
    const { source, destination } = taggedAddresses[drop.family];
    assert.deepEqual(
      [attributes["source.address"], attributes["source.port"], attributes["destination.address"]],
      [source, 9, destination],
    );
    assert.deepEqual(
      [attributes["network.type"], attributes["network.transport"], attributes["network.interface.name"]],
      [drop.family, "udp", "lo"],
    );
    assertDeclared([line]);
  });
}
