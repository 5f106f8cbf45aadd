import assert from "node:assert/strict";
import { test } from "node:test";
import { BpfError } from "./error.ts";
import { FilterError, compileFilter } from "./filter.ts";

test("a filter becomes classic BPF for Ethernet", () => {
  assert.deepEqual(compileFilter("ip"), [
    { code: 0x28, ifTrue: 0, ifFalse: 0, constant: 12 },
    { code: 0x15, ifTrue: 0, ifFalse: 1, constant: 0x0800 },
    { code: 0x06, ifTrue: 0, ifFalse: 0, constant: 262_144 },
    { code: 0x06, ifTrue: 0, ifFalse: 0, constant: 0 },
  ]);
});

test("another link type and length are taken", () => {
  assert.deepEqual(compileFilter("ip", { linkType: 12, snapshotBytes: 64 }).slice(-2), [
    { code: 0x06, ifTrue: 0, ifFalse: 0, constant: 64 },
    { code: 0x06, ifTrue: 0, ifFalse: 0, constant: 0 },
  ]);
});

/** `^` stands before the mistake. */
const mistakes: readonly [marked: string, message: RegExp][] = [
  ["tcp ^prot 80", /syntax error/],
  ["tcp port 80 and^", /syntax error/],
  ["host 1.2.3.4 or (udp and port ^foo)", /unknown port 'foo'/],
  ["udp and (port 53^", /syntax error/],
  ["tcp[13] & 2 != 0 ^bad", /syntax error/],
  ["port ^99999", /port number 99999/],
  ["tcp port 80 ^)", /syntax error/],
  ["ether host ^zz", /'zz'/],
  ["len > 100 and ^and udp", /syntax error/],
  ["ether[0] & 1 = 0 and (ip or arp^", /syntax error/],
  ["^%tcp", /./],
];
for (const [marked, message] of mistakes) {
  test(`the mistake is found in: ${marked}`, () => {
    const text = marked.replace("^", "");
    assert.throws(
      () => compileFilter(text),
      (error: unknown) => {
        assert.ok(error instanceof FilterError && error instanceof BpfError);
        assert.equal(error.code, "BPF_FILTER_INVALID");
        assert.match(error.message, message);
        assert.equal(error.position, marked.indexOf("^"));
        return true;
      },
    );
  });
}

test("what is no text is refused before libpcap sees it", () => {
  for (const wrong of ["tcp\0", 5 as unknown as string])
    assert.throws(() => compileFilter(wrong), { code: "BPF_ARGUMENT_INVALID" });
});
