import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { BpfMap } from "../source/index.ts";
import { live, load } from "./fixture.ts";

const value = { count: 2n ** 64n - 1n, balance: -5n, small: 7, color: 7, name: "eth0", ports: [1, 2, 3, 4] };
const key = { cpu: 3, port: 65535, flags: [1, 2] };

describe("a map", live, () => {
  const object = load("maps");
  after(() => object.close());

  test("tells its type and sizes", () => {
    const { name, type, capacity, keySizeBytes, valueSizeBytes } = object.map("by_struct");
    assert.deepEqual(
      { name, type, capacity, keySizeBytes, valueSizeBytes },
      { name: "by_struct", type: "hash", capacity: 4096, keySizeBytes: 8, valueSizeBytes: 48 },
    );
  });

  test("takes and gives keys and values as its BTF describes them", () => {
    using own = load("maps");
    const map = own.map("by_struct");
    assert.equal(map.lookup(key), undefined);
    map.update(key, value);
    assert.deepEqual(map.lookup(key), value);
    assert.deepEqual([...map], [[key, value]]);
    assert.deepEqual([...map.keys()], [key]);
    assert.deepEqual([...map.values()], [value]);
    assert.equal(map.delete(key), true);
    assert.equal(map.delete(key), false);
    assert.deepEqual([...map], []);
  });

  test("refuses to create what is there and to replace what is not", () => {
    using own = load("maps");
    const map = own.map("by_number");
    const code = "BPF_MAP_FAILED";
    assert.throws(() => map.update(1n, 1, { mode: "replace" }), { code, errno: "ENOENT", phase: "map" });
    map.update(1n, 1, { mode: "create" });
    assert.throws(() => map.update(1n, 2, { mode: "create" }), { code, errno: "EEXIST" });
    map.update(1n, 3, { mode: "replace" });
    assert.equal(map.lookup(1n), 3);
    assert.throws(() => map.update(1n, 1, { mode: "x" as never }), { code: "BPF_ARGUMENT_INVALID" });
  });

  test("holds a value per possible CPU where it is a per-CPU map", () => {
    using own = load("maps");
    const map = own.map("per_cpu");
    const cpus = (own.map("per_cpu").lookup(1) ?? probeCpus(map)) as number[];
    const values = cpus.map((_, cpu) => cpu + 1);
    map.update(1, values);
    assert.deepEqual(map.lookup(1), values);
    assert.deepEqual([...map], [[1, values]]);
    assert.throws(() => map.update(1, [1, 2, 3].concat(values)), {
      code: "BPF_ARGUMENT_INVALID",
      message: /one per CPU/,
    });
  });

  test("of many entries is walked whole", () => {
    using own = load("maps");
    const map = own.map("by_struct");
    for (let cpu = 0; cpu < 4000; cpu++) map.update({ ...key, cpu }, { ...value, small: cpu });
    const found = new Set<unknown>();
    for (const [each, entry] of map) {
      const { small } = entry as typeof value;
      assert.equal((each as typeof key).cpu, small);
      found.add(small);
    }
    assert.equal(found.size, 4000);
  });

  test("can lose entries while it is walked", () => {
    using own = load("maps");
    const map = own.map("by_struct");
    for (let cpu = 0; cpu < 1000; cpu++) map.update({ ...key, cpu }, value);
    let seen = 0;
    for (const [each] of map) {
      map.delete(each);
      seen++;
    }
    assert.equal(seen, 1000);
    assert.deepEqual([...map], []);
  });

  test("without batches in the kernel is walked key by key", () => {
    assert.equal(Array.from(object.map("stacks")).length, 0);
    assert.deepEqual([...object.map("array").keys()], [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("without types holds bytes", () => {
    using own = load("maps");
    const map = own.map("untyped");
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
    map.update(bytes, Uint8Array.of(7, 8, 9));
    assert.deepEqual(map.lookup(bytes), Uint8Array.of(7, 8, 9));
    assert.deepEqual([...map], [[bytes, Uint8Array.of(7, 8, 9)]]);
    const code = "BPF_ARGUMENT_INVALID";
    assert.throws(() => map.lookup(Uint8Array.of(1)), { code, message: /untyped.*key.*6 bytes/ });
    assert.throws(() => map.update(bytes, "abc"), { code, message: /value/ });
  });

  test("of a type that has no JavaScript value holds bytes", () => {
    using own = load("maps");
    own.map("with_bits").update(1, Uint8Array.of(1, 2, 3, 4));
    assert.deepEqual(own.map("with_bits").lookup(1), Uint8Array.of(1, 2, 3, 4));
  });

  test("of a data section holds its variables by name", () => {
    using own = load("maps");
    const section = own.map(".data");
    assert.deepEqual(section.lookup(0), { variable: 9 });
    section.update(0, { variable: 10 });
    assert.deepEqual(section.lookup(0), { variable: 10 });
    const message = /a value is needed for each of variable, and for nothing else/;
    assert.throws(() => section.update(0, {}), { code: "BPF_ARGUMENT_INVALID", message });
    assert.throws(() => section.update(0, { variable: 1, other: 1 }), { message });
  });

  const misuses: readonly [title: string, use: (map: BpfMap) => unknown, message: RegExp][] = [
    ["a key of another type", (map) => map.lookup("x"), /by_struct.*key/],
    ["a key without a field", (map) => map.lookup({ cpu: 1 }), /port/],
    ["a number out of range", (map) => map.lookup({ ...key, port: 65536 }), /port/],
    ["a fraction", (map) => map.update(key, { ...value, count: 0.5 }), /count/],
    ["too long a text", (map) => map.update(key, { ...value, name: "x".repeat(17) }), /name/],
    ["too few elements", (map) => map.update(key, { ...value, ports: [1] }), /ports/],
    ["nothing", (map) => map.update(key, undefined as never), /value/],
  ];
  for (const [title, use, message] of misuses) {
    test(`refuses ${title}`, () => {
      const map = object.map("by_struct");
      assert.throws(() => use(map), {
        name: "BpfError",
        code: "BPF_ARGUMENT_INVALID",
        phase: "map",
        message,
      });
    });
  }

  test("says what the kernel refuses", () => {
    const code = "BPF_MAP_FAILED";
    assert.throws(() => object.map("array").update(8, 1n), { code, errno: "E2BIG", message: /array/ });
    assert.throws(() => object.map("array").delete(1), { code, errno: "EINVAL" });
    assert.throws(
      () => object.map(".rodata").update(0, new Uint8Array(object.map(".rodata").valueSizeBytes)),
      {
        code,
        errno: "EPERM",
      },
    );
  });

  test("ends a walk with an error when its object is closed meanwhile", () => {
    const own = load("maps");
    const walk = own.map("array").entries();
    walk.next();
    own.close();
    assert.throws(() => walk.next(), { code: "BPF_CLOSED" });
  });
});

/** A per-CPU map says how many values it wants. */
function probeCpus(map: BpfMap): number[] {
  let cpus = 0;
  assert.throws(
    () => map.update(1, []),
    (error: Error) => (cpus = Number(/array of (\d+)/.exec(error.message)?.[1])) > 0,
  );
  return Array.from({ length: cpus }, () => 0);
}
