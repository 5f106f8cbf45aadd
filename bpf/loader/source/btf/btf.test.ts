import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBtf } from "./btf.ts";
import { compileFixture } from "./compile-fixture.ts";
import { dataSection } from "./data-section.ts";
import { compileDecoder } from "./decoder.ts";
import { enumNames, hasField, hasType, loadKernelBtf, tracepointArgumentCount } from "./kernel.ts";
import { readObjectBtf } from "./object.ts";

const btf = readObjectBtf(compileFixture("values.bpf.c"));

test("finds a type by name and kind, and nothing for a name of another kind", () => {
  const id = btf.find("every_type", "struct");
  assert.ok(id !== undefined);
  assert.equal(btf.type(id).name, "every_type");
  assert.equal(btf.find("every_type", "union"), undefined);
  assert.equal(btf.find("very_type", "struct"), undefined);
  assert.equal(btf.find("", "struct"), undefined);
});

test("keeps the names of typedefs through const and volatile, and finds the type behind them", () => {
  const struct = btf.type(btf.find("every_type", "struct") ?? 0);
  assert.ok(struct.kind === "struct");
  const time = struct.members.find(({ name }) => name === "time");
  assert.ok(time);
  assert.deepEqual(btf.typedefNames(time.typeId), ["nanoseconds", "__u64"]);
  assert.equal(btf.strip(time.typeId).name, "unsigned long long");
  assert.equal(btf.sizeOf(time.typeId), 8);
});

test("knows the size of structs, arrays and pointers, and refuses one for what has none", () => {
  const struct = btf.type(btf.find("every_type", "struct") ?? 0);
  assert.ok(struct.kind === "struct");
  const sizes = struct.members.map(({ name, typeId }) => [name, btf.sizeOf(typeId)]);
  assert.deepEqual(Object.fromEntries(sizes), {
    time: 8,
    balance: 8,
    pointer: 8,
    ratio: 8,
    share: 4,
    code: 4,
    state: 4,
    ready: 1,
    small: 1,
    medium: 2,
    name: 8,
    inners: 12,
    "": 4,
  });
  assert.throws(() => btf.sizeOf(0), { code: "BTF_UNSUPPORTED" });
  assert.throws(() => btf.type(100_000), { code: "BTF_INVALID" });
});

test("places the variables of data sections, which clang leaves to relocations", () => {
  const placed = dataSection(btf, ".rodata").map(({ name, offset, sizeBytes }) => [name, offset, sizeBytes]);
  assert.deepEqual(placed, [
    ["threshold", 0, 8],
    ["limit", 8, 4],
    ["enabled", 12, 1],
  ]);
  assert.deepEqual(dataSection(btf, ".nothing"), []);
});

test("reads big-endian objects alike", () => {
  const other = readObjectBtf(compileFixture("values.bpf.c", "bpfeb"));
  assert.equal(other.isLittleEndian, false);
  assert.equal(other.typeCount, btf.typeCount);
  assert.equal(dataSection(other, ".rodata")[1]?.offset, 8);
});

test("names the values of an enum, and is empty for an unknown enum", () => {
  assert.deepEqual([...enumNames(btf, "state")], [[0, "STATE_IDLE"], [5, "STATE_BUSY"]]); // prettier-ignore
  assert.equal(enumNames(btf, "no_such_enum").size, 0);
});

test("counts the arguments of a tracepoint without the private one", () => {
  assert.equal(tracepointArgumentCount(btf, "example"), 3);
  assert.equal(tracepointArgumentCount(btf, "no_such_tracepoint"), undefined);
});

test("knows fields, also those of anonymous members, and types", () => {
  assert.ok(hasField(btf, "every_type", "anonymous_field"));
  assert.ok(hasField(btf, "every_type", "address6"));
  assert.ok(!hasField(btf, "every_type", "port"));
  assert.ok(!hasField(btf, "no_such_type", "port"));
  assert.ok(hasType(btf, "inner") && hasType(btf, "nanoseconds") && !hasType(btf, "no_such_type"));
});

test("an object without debug information is refused with the code BTF_UNAVAILABLE", () => {
  const object = compileFixture("values.bpf.c");
  const renamed = Buffer.from(object);
  renamed.write(".BTX", renamed.indexOf(".BTF\0"));
  assert.throws(() => readObjectBtf(renamed), { code: "BTF_UNAVAILABLE" });
});

test("a kernel without type information is named with what it lacks", () => {
  assert.throws(() => loadKernelBtf("/nowhere/vmlinux"), {
    code: "BTF_UNAVAILABLE",
    message: /CONFIG_DEBUG_INFO_BTF/,
  });
});

test("reads the running kernel's types", () => {
  const kernel = loadKernelBtf();
  assert.ok(hasField(kernel, "task_struct", "pid"));
  assert.ok(!hasField(kernel, "task_struct", "no_such_field"));
  assert.ok((tracepointArgumentCount(kernel, "sched_switch") ?? 0) >= 3);
});

/** BTF of a single type, made by hand. */
function makeBtf(record: readonly number[], strings: Buffer): Uint8Array {
  const header = [24, 0, record.length * 4, record.length * 4, strings.length];
  const head = Buffer.alloc(4 + (header.length + record.length) * 4);
  head.writeUInt16LE(0xeb9f, 0);
  head.writeUInt8(1, 2);
  for (const [index, word] of [...header, ...record].entries()) head.writeUInt32LE(word, 4 + index * 4);
  return Buffer.concat([head, strings]);
}

/** An enum with one value, as newer compilers write it. */
function enumBtf(kind: 6 | 19, isSigned: boolean, words: readonly number[]): Uint8Array {
  const strings = Buffer.from("\0chosen\0CHOSEN_VALUE\0");
  const info = ((isSigned ? 0x80000000 : 0) | (kind << 24) | 1) >>> 0;
  return makeBtf([1, info, kind === 6 ? 4 : 8, strings.indexOf("CHOSEN"), ...words], strings);
}

test("a struct that holds itself, which only damage makes, ends every question", () => {
  const memberCount = 60_000;
  const members = Array.from({ length: memberCount }, () => [0, 1, 0]).flat();
  const selfish = parseBtf(makeBtf([1, (4 << 24) | memberCount, 8, ...members], Buffer.from("\0selfish\0")));
  assert.equal(hasField(selfish, "selfish", "field"), false);
  assert.throws(() => compileDecoder(selfish, 1), { code: "BTF_UNSUPPORTED" });
});

test("reads signed enums and 64-bit enums, which older compilers do not write", () => {
  const cases: readonly [bytes: Uint8Array, value: bigint][] = [
    [enumBtf(6, true, [0xfffffffe]), -2n],
    [enumBtf(6, false, [0xfffffffe]), 0xfffffffen],
    [enumBtf(19, false, [0xfffffffe, 0xffffffff]), 0xfffffffffffffffen],
    [enumBtf(19, true, [0xfffffffe, 0xffffffff]), -2n],
  ];
  for (const [bytes, value] of cases) {
    const btfOfEnum = parseBtf(bytes);
    const type = btfOfEnum.type(1);
    assert.ok(type.kind === "enum" || type.kind === "enum64");
    assert.deepEqual(type.values, [{ name: "CHOSEN_VALUE", value }]);
    assert.deepEqual([...enumNames(btfOfEnum, "chosen")], [[Number(value), "CHOSEN_VALUE"]]);
  }
});
