import assert from "node:assert/strict";
import { test } from "node:test";
import type { Btf } from "./btf.ts";
import { compileFixture } from "./compile-fixture.ts";
import { dataSection } from "./data-section.ts";
import { compileDecoder } from "./decoder.ts";
import { compileEncoder } from "./encoder.ts";
import type { BtfInput } from "./encoder.ts";
import { readObjectBtf } from "./object.ts";

const btf = readObjectBtf(compileFixture("values.bpf.c"));
const value = {
  time: 2n ** 64n - 1n,
  balance: -5n,
  pointer: 0xffff_8000_1234_5678n,
  ratio: 0.1,
  share: 0.5,
  code: -1,
  state: 5,
  ready: true,
  small: -128,
  medium: -300,
  name: "käse",
  inners: [
    { port: 65535, bytes: [1, 2, 3, 4] },
    { port: 1, bytes: [0, 0, 0, 255] },
  ],
  anonymous_field: 9,
};
const union = { address6: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] };

function typeId(of: Btf, name: string): number {
  const id = of.find(name, "struct");
  assert.ok(id !== undefined);
  return id;
}

test("a value of every type comes back as it was written, in both byte orders", () => {
  for (const target of ["bpfel", "bpfeb"] as const) {
    const types = readObjectBtf(compileFixture("values.bpf.c", target));
    const id = typeId(types, "every_type");
    const view = new DataView(new ArrayBuffer(types.sizeOf(id) + 5));
    compileEncoder(types, id)({ ...value, ...union }, view, 5);
    const address4 = target === "bpfel" ? 0x04030201 : 0x01020304;
    assert.deepEqual(compileDecoder(types, id)(view, 5), { ...value, ...union, address4 });
  }
});

test("padding and what a union leaves over are written as zeros", () => {
  const id = typeId(btf, "every_type");
  const bytes = new Uint8Array(btf.sizeOf(id)).fill(0xff);
  compileEncoder(btf, id)({ ...value, address4: 0 }, new DataView(bytes.buffer), 0);
  const decoded = compileDecoder(btf, id)(new DataView(bytes.buffer), 0);
  assert.deepEqual(
    (decoded as typeof union).address6,
    Array.from({ length: 16 }, () => 0),
  );
});

test("64-bit integers are taken as number too, and byte arrays as Uint8Array", () => {
  const id = typeId(btf, "every_type");
  const view = new DataView(new ArrayBuffer(btf.sizeOf(id)));
  const inners = value.inners.map((inner) => ({ ...inner, bytes: Uint8Array.from(inner.bytes) }));
  compileEncoder(btf, id)({ ...value, inners, time: 12, address4: 1 }, view, 0);
  const decoded = compileDecoder(btf, id)(view, 0) as typeof value;
  assert.equal(decoded.time, 12n);
  assert.deepEqual(decoded.inners, value.inners);
});

test("a value that does not fit is refused by the name of its field", async (context) => {
  const cases: readonly [change: Record<string, BtfInput>, message: RegExp][] = [
    [{ time: -1 }, /^value\.time must be an integer from 0 to 18446744073709551615, not -1\.$/],
    [{ time: 2n ** 64n }, /^value\.time must be/],
    [{ code: 1.5 }, /^value\.code must be an integer/],
    [{ medium: 40_000 }, /^value\.medium must be an integer from -32768 to 32767, not 40000\.$/],
    [{ ready: 1 }, /^value\.ready must be true or false/],
    [{ ratio: "x" }, /^value\.ratio must be a number, not "x"\.$/],
    [{ name: "nine byte" }, /^value\.name must be text of at most 8 bytes/],
    [{ inners: [] }, /^value\.inners must be an array of 2/],
    [
      { inners: [value.inners[0] ?? 0, { port: 70_000, bytes: [0, 0, 0, 0] }] },
      /^value\.inners\[1\]\.port must/,
    ],
    [{ inners: [value.inners[0] ?? 0, 3] }, /^value\.inners\[1\] must be an object with port, bytes/],
    [{ colour: 1 }, /^value has no field colour\.$/],
  ];
  const id = typeId(btf, "every_type");
  const encode = compileEncoder(btf, id);
  const view = new DataView(new ArrayBuffer(btf.sizeOf(id)));
  for (const [change, message] of cases) {
    await context.test(String(message), () => {
      const input = { ...value, address4: 1, ...change };
      assert.throws(() => encode(input, view, 0), { code: "BTF_VALUE_INVALID", message });
    });
  }
});

test("a missing field and a union without a field are refused", () => {
  const id = typeId(btf, "every_type");
  const encode = compileEncoder(btf, id);
  const view = new DataView(new ArrayBuffer(btf.sizeOf(id)));
  const { code: _code, ...withoutCode } = value;
  assert.throws(() => encode({ ...withoutCode, address4: 1 }, view, 0), {
    message: "value.code is missing.",
  });
  assert.throws(() => encode(value, view, 0), { message: "value.address4 or address6 is missing." });
});

test("a bit field is refused by its name", () => {
  const expected = { code: "BTF_UNSUPPORTED", message: "value.part is a bit field." };
  assert.throws(() => compileDecoder(btf, typeId(btf, "bit_field")), expected);
  assert.throws(() => compileEncoder(btf, typeId(btf, "bit_field")), expected);
});

test("a value outside of the view is refused before anything is read or written", () => {
  const [variable] = dataSection(btf, ".rodata");
  assert.ok(variable);
  const view = new DataView(new ArrayBuffer(8));
  for (const offset of [1, -1]) {
    assert.throws(() => compileDecoder(btf, variable.typeId)(view, offset), { code: "BTF_VALUE_INVALID" });
    assert.throws(() => compileEncoder(btf, variable.typeId)(1, view, offset), { code: "BTF_VALUE_INVALID" });
  }
  assert.equal(view.getBigUint64(0), 0n);
});
