/** BTF, and the ELF files that carry it. */
import assert from "node:assert/strict";
import { parseBtf } from "#bpf/loader/source/btf/btf.ts";
import type { Btf } from "#bpf/loader/source/btf/btf.ts";
import { BtfError } from "#bpf/loader/source/btf/btf-error.ts";
import { compileFixture } from "#bpf/loader/source/btf/compile-fixture.ts";
import { dataSection } from "#bpf/loader/source/btf/data-section.ts";
import { compileDecoder } from "#bpf/loader/source/btf/decoder.ts";
import { readElf, readElfSection } from "#bpf/loader/source/btf/elf.ts";
import { enumNames, hasField, tracepointArgumentCount } from "#bpf/loader/source/btf/kernel.ts";
import { readObjectBtf } from "#bpf/loader/source/btf/object.ts";
import { isRefused } from "../fuzzed-reader.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

const object = once(() => compileFixture("values.bpf.c"));
const bigEndianObject = once(() => compileFixture("values.bpf.c", "bpfeb"));
const values = new DataView(new ArrayBuffer(4096));

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

function sectionOf(file: Uint8Array): Uint8Array {
  const section = readElfSection(file, ".BTF");
  assert.ok(section, "the fixture has BTF");
  return Uint8Array.from(section);
}

/** Every lookup there is; each may be refused by itself. */
function readEverything(btf: Btf): void {
  const lookups: (() => unknown)[] = [
    () => enumNames(btf, "state"),
    () => hasField(btf, "every_type", "none"),
    () => tracepointArgumentCount(btf, "example"),
    () => dataSection(btf, ".rodata"),
  ];
  for (let id = 0; id <= btf.typeCount; id++) lookups.push(() => compileDecoder(btf, id)(values, 0));
  for (const lookup of lookups) isRefused(lookup, BtfError);
}

export const btf: FuzzedReader = {
  name: "btf",
  seeds: () => [sectionOf(object()), sectionOf(bigEndianObject())],
  read: (bytes) =>
    isRefused(() => {
      readEverything(parseBtf(bytes));
    }, BtfError),
};

export const elf: FuzzedReader = {
  name: "elf",
  seeds: () => [object(), bigEndianObject()],
  read: (bytes) =>
    isRefused(() => {
      for (const section of readElf(bytes).sections)
        assert.ok(section.bytes.length <= bytes.length, "a section lies within its file");
      readEverything(readObjectBtf(bytes));
    }, BtfError),
};
