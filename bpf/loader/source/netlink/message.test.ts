import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readBond, readBondPort } from "./bond.ts";
import { readLink } from "./link.ts";
import { readAttributes, readMessages, readNumber, readText, writeRequest } from "./message.ts";

/** One attribute, padded. */
function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);

/** `struct ifinfomsg` and attributes. */
function link(
  family: number,
  index: number,
  flags: number,
  ...attributes: readonly Uint8Array[]
): Uint8Array {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint8(0, family);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  return concat(header, ...attributes);
}

const port = link(
  0,
  7,
  0x1_1843,
  attribute(3, text("eth1")),
  attribute(1, Uint8Array.of(2, 0xfc, 0, 0, 0, 1)),
  attribute(10, u32(4)),
  attribute(16, Uint8Array.of(6)),
  attribute(33, Uint8Array.of(1)),
  attribute(35, u32(3)),
  // NLA_F_NESTED
  attribute(
    0x8000 | 18,
    concat(
      attribute(1, text("veth")),
      attribute(4, text("bond")),
      attribute(
        0x8000 | 5,
        concat(
          attribute(1, Uint8Array.of(0)),
          attribute(2, Uint8Array.of(0)),
          attribute(3, u32(2)),
          attribute(6, Uint8Array.of(1, 0)),
          attribute(7, Uint8Array.of(0x3f)),
          attribute(8, Uint8Array.of(0x3d, 0)),
        ),
      ),
    ),
  ),
);

describe("a message of the kernel", () => {
  test("is found in its datagram, whatever stands behind it", () => {
    const datagram = concat(
      writeRequest(16, 2, 9, port),
      writeRequest(3, 2, 9, u32(0)),
      Uint8Array.of(1, 2, 3),
    );
    const found = [...readMessages(datagram)].map(({ type, flags, sequence }) => [type, flags, sequence]);
    assert.deepEqual(found, [
      [16, 2, 9],
      [3, 2, 9],
    ]);
  });

  test("about a link says what it is, and what it is as a port of a bond", () => {
    const found = readLink(port);
    assert.ok(found !== undefined);
    const { data, portData, ...rest } = found;
    assert.deepEqual(rest, {
      index: 7,
      name: "eth1",
      address: "02:fc:00:00:00:01",
      mtu: 0,
      isUp: true,
      isRunning: true,
      hasCarrier: true,
      operationalState: "up",
      carrierChanges: 3,
      carrierUps: 0,
      carrierDowns: 0,
      master: 4,
      kind: "veth",
      portKind: "bond",
    });
    assert.equal(data.size, 0);
    assert.equal(readBond(found), undefined);
    assert.deepEqual(readBondPort({ portKind: "bond", portData }), {
      isActive: true,
      isLinkUp: true,
      linkFailures: 2,
      aggregatorId: 1,
      actorState: 0x3f,
      partnerState: 0x3d,
    });
  });

  test("about a port of a bridge is no news of the link", () => {
    assert.equal(readLink(link(7, 7, 0, attribute(3, text("eth1")))), undefined);
  });

  test("that is cut anywhere or scrambled breaks nothing", () => {
    const whole = writeRequest(16, 0, 1, port);
    for (let length = 0; length < whole.length; length++) {
      for (const message of readMessages(whole.subarray(0, length))) readLink(message.payload);
      readLink(port.subarray(0, length));
    }
    let seed = 1;
    for (let round = 0; round < 20_000; round++) {
      const scrambled = port.slice();
      for (let change = 0; change < 4; change++) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        scrambled[seed % scrambled.length] = seed >>> 24;
      }
      const found = readLink(scrambled);
      if (found !== undefined) readBondPort(found);
      [...readMessages(scrambled)].forEach(({ payload }) => readAttributes(payload));
    }
  });
});

const numbers: readonly [bytes: Uint8Array | undefined, expected: number | undefined][] = [
  [Uint8Array.of(7), 7],
  [Uint8Array.of(1, 2), 0x0201],
  [u32(0xffff_ffff), 0xffff_ffff],
  [Uint8Array.of(1, 2, 3), undefined],
  [undefined, undefined],
];
for (const [bytes, expected] of numbers) {
  test(`an attribute of ${bytes?.length ?? "no"} bytes reads as ${expected}`, () => {
    assert.equal(readNumber(bytes), expected);
  });
}

test("a text ends at its first NUL", () => {
  assert.equal(readText(Uint8Array.of(97, 98, 0, 99)), "ab");
  assert.equal(readText(undefined), "");
});
