import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFixture } from "./compile-fixture.ts";
import { readElf, readElfSection } from "./elf.ts";

const object = compileFixture("values.bpf.c");

test("finds a section of either byte order by its name", () => {
  for (const target of ["bpfel", "bpfeb"] as const) {
    const section = readElfSection(compileFixture("values.bpf.c", target), ".BTF");
    assert.deepEqual([...(section ?? [])].slice(0, 2), target === "bpfel" ? [0x9f, 0xeb] : [0xeb, 0x9f]);
  }
});

test("answers undefined for a section that is not there", () => {
  assert.equal(readElfSection(object, ".nothing"), undefined);
});

test("sections without content are empty, not what happens to lie at their offset", () => {
  assert.equal(readElf(object).sections[0]?.bytes.length, 0);
});

test("refuses what is not a whole ELF64 file, with the code ELF_INVALID", async (context) => {
  const edited = (at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(object);
    copy[at] = value;
    return copy;
  };
  const cases: readonly [what: string, bytes: Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["text", new TextEncoder().encode("#!/bin/sh\n".repeat(20))],
    ["a 32-bit file", edited(4, 1)],
    ["an unknown byte order", edited(5, 3)],
    ["a section table beyond the end", edited(0x2d, 1)],
    ["section headers of another size", edited(0x3a, 40)],
    ["names in a section that is not there", edited(0x3f, 0xff)],
    ["a file cut before its section table", object.subarray(0, object.length - 1)],
  ];
  for (const [what, bytes] of cases)
    await context.test(what, () => assert.throws(() => readElf(bytes), { code: "ELF_INVALID" }));
});
