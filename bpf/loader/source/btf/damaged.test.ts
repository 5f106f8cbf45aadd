import assert from "node:assert/strict";
import { test } from "node:test";
import { BtfError } from "./btf-error.ts";
import { compileFixture } from "./compile-fixture.ts";
import { dataSection } from "./data-section.ts";
import { compileDecoder } from "./decoder.ts";
import { compileEncoder } from "./encoder.ts";
import { readElfSection } from "./elf.ts";
import { enumNames, hasField, tracepointArgumentCount } from "./kernel.ts";
import { parseBtf } from "./btf.ts";
import type { Btf } from "./btf.ts";
import { readObjectBtf } from "./object.ts";

const object = compileFixture("values.bpf.c");
const section = Uint8Array.from(readElfSection(object, ".BTF") ?? []);
const view = new DataView(new ArrayBuffer(4096));

/** Asks everything; returns how often it was refused. Anything but a `BtfError` fails the test. */
function askEverything(read: () => Btf): number {
  let refused = 0;
  const attempt = (act: () => unknown): void => {
    try {
      act();
    } catch (error) {
      assert.ok(error instanceof BtfError, String(error));
      refused++;
    }
  };
  attempt(() => {
    const btf = read();
    attempt(() => enumNames(btf, "state"));
    attempt(() => hasField(btf, "every_type", "none"));
    attempt(() => tracepointArgumentCount(btf, "example"));
    attempt(() => dataSection(btf, ".rodata"));
    for (let id = 0; id <= btf.typeCount; id++) {
      attempt(() => compileDecoder(btf, id)(view, 0));
      attempt(() => compileEncoder(btf, id));
    }
  });
  return refused;
}

/** Marsaglia's xorshift: the same damage in every run. */
function* randomNumbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

test("BTF cut anywhere is refused with a code", () => {
  for (let length = 0; length < section.length; length += 16)
    assert.equal(
      askEverything(() => parseBtf(section.slice(0, length))),
      1,
    );
});

test("an object cut anywhere is refused with a code", () => {
  for (let length = 0; length < object.length; length += 16)
    assert.equal(
      askEverything(() => readObjectBtf(object.slice(0, length))),
      1,
    );
});

test("2,000 damaged copies end in values or coded errors", () => {
  const random = randomNumbers(0x5eed);
  let refusedCopies = 0;
  for (let copy = 0; copy < 2_000; copy++) {
    const isObject = copy % 2 === 0;
    const damaged = Uint8Array.from(isObject ? object : section);
    const changes = 1 + (random.next().value % 8);
    for (let change = 0; change < changes; change++)
      damaged[random.next().value % damaged.length] = random.next().value & 0xff;
    if (askEverything(() => (isObject ? readObjectBtf(damaged) : parseBtf(damaged))) > 0) refusedCopies++;
  }
  assert.ok(refusedCopies > 0);
});
