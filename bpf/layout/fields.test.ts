import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddresses, readBytes, readIpAddress, readText, readUint64, turnCgroupPath } from "./fields.ts";

function viewOf(bytes: ArrayLike<number>): DataView {
  return new DataView(Uint8Array.from(bytes).buffer);
}

/** 16 bytes from eight groups. */
function groups(...values: readonly number[]): DataView {
  return viewOf(values.flatMap((value) => [value >> 8, value & 0xff]));
}

test("IPv6 addresses are written as RFC 5952 wants, and mapped IPv4 addresses dotted", () => {
  const cases: readonly [view: DataView, text: string][] = [
    [groups(0, 0, 0, 0, 0, 0, 0, 0), "::"],
    [groups(0, 0, 0, 0, 0, 0, 0, 1), "::1"],
    [groups(0xfe80, 0, 0, 0, 0, 0, 0, 0), "fe80::"],
    [groups(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1), "2001:db8::1:0:0:1"],
    [groups(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1), "2001:db8:0:1:1:1:1:1"],
    [groups(0x2001, 0, 0, 1, 0, 0, 0, 1), "2001:0:0:1::1"],
    [groups(0, 1, 0, 0, 0, 0, 1, 0xabcd), "0:1::1:abcd"],
    [groups(0, 0, 0, 0, 0, 0xffff, 0x0a00, 0x00ff), "10.0.0.255"],
    [groups(0, 0, 0, 0, 0, 0xfffe, 1, 2), "::fffe:1:2"],
  ];
  for (const [view, text] of cases) assert.equal(readIpAddress(view, 0), text);
});

test("IPv6 addresses are written as the URL standard does, for every pattern of zero groups", () => {
  for (let pattern = 0; pattern < 256; pattern++) {
    const values = Array.from({ length: 8 }, (_, bit) => ((pattern >> bit) & 1) * (0xa0 + bit));
    const full = values.map((value) => value.toString(16)).join(":");
    assert.equal(`[${readIpAddress(groups(...values), 0)}]`, new URL(`http://[${full}]`).hostname);
  }
});

test("text ends at the first NUL or at the end of its field", () => {
  const cases: readonly [bytes: Uint8Array, text: string][] = [
    [Buffer.from("bash\0rest"), "bash"],
    [Buffer.from("\0rest"), ""],
    [Buffer.from("exactly"), "exactly"],
    [Buffer.from("größe\0rest"), "größe"],
    [Buffer.from("größe"), "größe"],
    [Buffer.from([0x61, 0xff, 0, 0x62]), String.raw`a\377`],
  ];
  for (const [bytes, text] of cases) assert.equal(readText(viewOf(bytes), 0, bytes.length), text);
});

test("64-bit integers are exact below 2^53 and rounded to nearest above", () => {
  const view = new DataView(new ArrayBuffer(8));
  for (const value of [
    0n,
    1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n + 3n,
    2n ** 63n + 1025n,
    2n ** 64n - 1n,
  ]) {
    view.setBigUint64(0, value, true);
    assert.equal(readUint64(view, 0), Number(value));
  }
});

test("addresses end at the first zero or at their count", () => {
  const view = new DataView(new ArrayBuffer(24));
  assert.deepEqual(readAddresses(view, 0, 3), []);
  view.setBigUint64(0, 1n << 63n, true);
  view.setBigUint64(8, 5n, true);
  assert.deepEqual(readAddresses(view, 0, 3), [1n << 63n, 5n]);
  assert.deepEqual(readAddresses(view, 0, 1), [1n << 63n]);
});

test("bytes are copied out of the buffer", () => {
  const view = viewOf([1, 2, 3, 4]);
  const bytes = readBytes(view, 1, 2);
  view.setUint8(1, 99);
  assert.deepEqual(bytes, Uint8Array.of(2, 3));
});

test("the names of a cgroup are turned round, and a path that lost its beginning does not look like a whole one", () => {
  const cases: readonly [leafFirst: string, path: string][] = [
    ["", ""],
    ["/", "/"],
    ["leaf/middle/top/", "/top/middle/leaf"],
    ["leaf/middle", "…/middle/leaf"],
    ["leaf", "…/leaf"],
  ];
  for (const [leafFirst, path] of cases) assert.equal(turnCgroupPath(leafFirst), path);
});
