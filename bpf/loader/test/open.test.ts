import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, test } from "node:test";
import { BpfError, BtfError, openObject } from "../source/index.ts";
import { fixture } from "./fixture.ts";

const path = fixture("maps");
const image = readFileSync(path);

describe("opening an object", () => {
  for (const [title, source] of [
    ["a path", path],
    ["a file URL", pathToFileURL(path)],
    ["bytes", image],
    ["bytes at an odd address", oddCopy(image)],
  ] as const) {
    test(`takes ${title} and lists the programs`, () => {
      using object = openObject(source);
      assert.deepEqual(object.programs, [{ name: "read_constants", section: "syscall", type: "syscall" }]);
      assert.ok(object.btf.find("key", "struct"));
    });
  }

  const cases: readonly [title: string, open: () => unknown, code: string, message: RegExp][] = [
    [
      "a missing file",
      () => openObject("/no/such.bpf.o"),
      "BPF_FILE_UNREADABLE",
      /\/no\/such\.bpf\.o.*ENOENT/,
    ],
    ["a folder", () => openObject("/"), "BPF_FILE_UNREADABLE", /EISDIR/],
    ["nothing", () => openObject(new Uint8Array(0)), "BPF_OBJECT_INVALID", /0 bytes/],
    ["text", () => openObject(Buffer.from("x".repeat(100))), "BPF_OBJECT_INVALID", /not those of ELF/],
    [
      "half an object",
      () => openObject(image.subarray(0, image.length / 2)),
      "BPF_OBJECT_INVALID",
      /would end at/,
    ],
    ["another machine's code", () => openObject(process.execPath), "BPF_OBJECT_WITHOUT_BTF", /clang -g/],
    ["a number", () => openObject(7 as never), "BPF_ARGUMENT_INVALID", /source must be a path.*not 7/],
    ["null", () => openObject(null as never), "BPF_ARGUMENT_INVALID", /not null/],
    [
      "a missing program",
      () => openObject(path, { programs: ["nope"] }),
      "BPF_NOT_FOUND",
      /nope.*read_constants/,
    ],
    ["programs as text", () => openObject(path, { programs: "x" as never }), "BPF_ARGUMENT_INVALID", /array/],
    [
      "a missing constant",
      () => openObject(path, { constants: { nope: 1 } }),
      "BPF_NOT_FOUND",
      /nope.*limit/,
    ],
    ["a variable", () => openObject(path, { constants: { variable: 1 } }), "BPF_NOT_FOUND", /const volatile/],
    [
      "too large a value",
      () => openObject(path, { constants: { offset: 2 ** 31 } }),
      "BPF_ARGUMENT_INVALID",
      /offset/,
    ],
    [
      "text for a number",
      () => openObject(path, { constants: { limit: "1" } }),
      "BPF_ARGUMENT_INVALID",
      /limit/,
    ],
    [
      "too long a text",
      () => openObject(path, { constants: { label: "123456789" } }),
      "BPF_ARGUMENT_INVALID",
      /label/,
    ],
    ["no map", () => openObject(path).setMaxEntries("nope", 1), "BPF_NOT_FOUND", /by_struct/],
    ["no entries", () => openObject(path).setMaxEntries("array", 0), "BPF_ARGUMENT_INVALID", /entries/],
    ["half an entry", () => openObject(path).setMaxEntries("array", 0.5), "BPF_ARGUMENT_INVALID", /0\.5/],
    ["a name that is none", () => openObject(path).setAutoload("a\0b", true), "BPF_ARGUMENT_INVALID", /NUL/],
    [
      "no yes or no",
      () => openObject(path).setAutoload("x", 1 as never),
      "BPF_ARGUMENT_INVALID",
      /true or false/,
    ],
  ];
  for (const [title, open, code, message] of cases) {
    test(`refuses ${title} with ${code}`, () => {
      assert.throws(open, { name: "BpfError", code, message, phase: "open" });
    });
  }

  test("refuses an object that was cut short anywhere, and keeps the process alive", () => {
    for (let length = 0; length < image.length; length += 61)
      assert.throws(() => openObject(image.subarray(0, length)), BpfError, `cut at ${length}`);
  });

  test("survives damage anywhere in the file", () => {
    let refused = 0;
    for (let at = 0; at < image.length; at += 37) {
      const damaged = Uint8Array.from(image);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      try {
        openObject(damaged).close();
      } catch (error) {
        assert.ok(error instanceof BpfError || error instanceof BtfError);
        refused++;
      }
    }
    assert.ok(refused > 0);
  });

  test("can be closed twice, and is of no use afterwards", () => {
    const object = openObject(path);
    object.close();
    object.close();
    for (const use of [
      () => object.load(),
      () => object.setConstant("limit", 1),
      () => object.setAutoload("read_constants", true),
      () => object.setMaxEntries("array", 1),
    ])
      assert.throws(use, { code: "BPF_CLOSED" });
  });
});

function oddCopy(bytes: Uint8Array): Uint8Array {
  const odd = new Uint8Array(bytes.length + 1).subarray(1);
  odd.set(bytes);
  return odd;
}
