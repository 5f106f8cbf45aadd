import assert from "node:assert/strict";
import { test } from "node:test";
import { nameGfp } from "./gfp.ts";

const cases: readonly [mask: number, expected: string][] = [
  [0, "0x0"],
  [0xcc0, "GFP_KERNEL"],
  [0x400cc0, "GFP_KERNEL_ACCOUNT"],
  [0x100cca, "GFP_HIGHUSER_MOVABLE"],
  [0x140cca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP"],
  [0x1c24ca, "GFP_TRANSHUGE"],
  [0x820, "GFP_ATOMIC"],
  [0xd40, "GFP_NOFS|__GFP_ZERO"],
  [0x52cc0, "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP"],
  [0x440dc0, "GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP"],
  [0xa20, "GFP_ATOMIC|0x200"],
  [0x1000cc0, "GFP_KERNEL|0x1000000"],
  [
    0xffffffff,
    "GFP_TRANSHUGE|GFP_ATOMIC|__GFP_DMA|__GFP_DMA32|__GFP_RECLAIMABLE|__GFP_ZERO|__GFP_WRITE|__GFP_RETRY_MAYFAIL|__GFP_NOFAIL|__GFP_NORETRY|__GFP_MEMALLOC|__GFP_THISNODE|__GFP_ACCOUNT|0xff800200",
  ],
];

for (const [mask, expected] of cases) {
  test(`0x${mask.toString(16)} is ${expected.slice(0, 60)}`, () => {
    assert.equal(nameGfp(mask), expected);
  });
}
