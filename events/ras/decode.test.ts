/** Registers that are all zeros and ones, by the names that the makers gave their bits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nameAerErrors } from "./aer-errors.ts";
import { nameBank } from "./mce-bank.ts";
import { correctedCount, decodeError, nameFlags } from "./mce-status.ts";

const codes: readonly [status: bigint, expected: string][] = [
  [0x0000n, "no error"],
  [0x0005n, "internal parity"],
  [0x0400n, "internal timer"],
  [0x0407n, "internal, unclassified (7)"],
  [0x000fn, "cache hierarchy: generic level"],
  [0x0014n, "TLB: data, level 0"],
  [0x0135n, "cache: data data read, level 1"],
  [0x1135n, "cache: data data read, level 1"],
  [0x009fn, "memory controller: read, channel unknown"],
  [0x00c1n, "memory controller: scrub, channel 1"],
  [0x0e0fn, "bus or interconnect: error, other, generic level, generic"],
  [0x0f0fn, "bus or interconnect: error, other, generic level, generic, timed out"],
  [0x4000n, "code 0x4000"],
];
for (const [status, expected] of codes) {
  test(`the error code 0x${status.toString(16)} means ${expected}`, () => {
    assert.equal(decodeError(status | 0xbe00_0000_0000_0000n).words, expected);
  });
}

test("bits of the status mean what the maker of the processor says", () => {
  const status = (1n << 63n) | (1n << 61n) | (1n << 55n) | (1n << 44n) | (3n << 38n);
  assert.deepEqual(nameFlags(status, 0), ["AR", "UC", "VAL"]);
  assert.deepEqual(nameFlags(status, 2), ["DEFERRED", "TCC", "UC", "VAL"]);
  assert.equal(correctedCount(7n << 38n, 0), 7);
  assert.equal(correctedCount(7n << 38n, 2), undefined);
});

const banks: readonly [bank: number, ipid: bigint, vendor: number, expected: string | undefined][] = [
  [255, 0n, 0, "Firmware (APEI)"],
  [128, 0n, 0, "Thermal event"],
  [17, 0x0000_0096_0005_0f00n, 2, "Unified Memory Controller"],
  [0, 0x0010_00b0_0000_0000n, 2, "Load Store Unit"],
  [17, 0x0000_0096_0005_0f00n, 0, undefined],
  [3, 0n, 2, undefined],
  [3, 0x7777_0fff_0000_0000n, 2, undefined],
];
for (const [bank, ipid, vendor, expected] of banks) {
  test(`bank ${bank} with identification 0x${ipid.toString(16)} of maker ${vendor} is ${expected}`, () => {
    assert.equal(nameBank(bank, ipid, vendor), expected);
  });
}

const statuses: readonly [status: number, isCorrectable: boolean, expected: readonly string[]][] = [
  [0x41, true, ["Receiver Error", "Bad TLP"]],
  [0x1_4000, false, ["Completion Timeout", "Unexpected Completion"]],
  [0x8000_0000, false, ["TLP Translation Egress Blocked"]],
  [0x2, true, ["bit 1"]],
  [0, true, []],
];
for (const [status, isCorrectable, expected] of statuses) {
  test(`the PCIe status 0x${status.toString(16)} is ${expected.join(", ") || "nothing"}`, () => {
    assert.deepEqual(nameAerErrors(status, isCorrectable), expected);
  });
}
