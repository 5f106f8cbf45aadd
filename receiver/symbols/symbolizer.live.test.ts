/** What the kernel says of its own addresses, held against its list of symbols. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { KernelSymbols } from "bpf-loader-napi";
import { liveTest } from "#test/live/live-test.ts";
import { createSymbolizer } from "./symbolizer.ts";

const refuse = (reason: string): void => {
  assert.fail(reason);
};

/** Inside functions all over the kernel's text, more than one question takes. */
function pickAddresses(): bigint[] {
  const starts = readFileSync("/proc/kallsyms", "utf8").match(/^[0-9a-f]+(?= [tT] )/gm) ?? [];
  return Array.from({ length: 200 }, (_, index) => {
    const start = starts[(index * 997 + 5_000) % starts.length] ?? "0";
    return BigInt(`0x${start}`) + BigInt(index % 5);
  });
}

liveTest("the kernel names its addresses as its list of symbols does", () => {
  using symbolizer = createSymbolizer(refuse);
  const list = new KernelSymbols();
  const addresses = pickAddresses();
  const expected = addresses.map((address) => {
    const { name, offset, module } = list.lookup(address) ?? assert.fail(`nothing at ${address}`);
    return `${name}+0x${offset.toString(16)}${module === "" ? "" : ` [${module}]`}`;
  });
  assert.deepEqual(symbolizer.name(addresses), expected);
  assert.deepEqual(symbolizer.name(addresses.slice(0, 3)), expected.slice(0, 3));
});

liveTest("an address without a symbol stays a number", () => {
  using symbolizer = createSymbolizer(refuse);
  assert.deepEqual(symbolizer.name([0x1000n, 0n, 0xffffn]), ["0x1000", "0x0", "0xffff"]);
  assert.deepEqual(symbolizer.name([]), []);
});
