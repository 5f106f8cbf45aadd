import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBtf } from "./btf.ts";
import { joinBtf } from "./join.ts";

const INT = 1;
const STRUCT = 4;

/** One type after the other: name, kind and number of members, size, and what else it has. */
function btfOf(words: readonly number[], strings: string, isLittleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 + 4 * words.length + strings.length));
  view.setUint16(0, 0xeb9f, isLittleEndian);
  view.setUint8(2, 1);
  const header = [24, 0, 4 * words.length, 4 * words.length, strings.length];
  for (const [index, word] of [...header, ...words].entries())
    view.setUint32(4 + 4 * index, word, isLittleEndian);
  const bytes = new Uint8Array(view.buffer);
  bytes.set(Buffer.from(strings), 24 + 4 * words.length);
  return bytes;
}

for (const isLittleEndian of [true, false]) {
  test(`a module's types go on where the kernel's end (${isLittleEndian ? "little" : "big"} endian)`, () => {
    const kernelNames = "\0int\0";
    const kernel = btfOf([1, INT << 24, 4, 32], kernelNames, isLittleEndian);
    // A struct of the module's own with a field of the kernel's type 1, and names behind the kernel's.
    const at = kernelNames.length;
    const fields = [at + 5, 1, 0];
    const module = btfOf([at, (STRUCT << 24) | 1, 4, ...fields], "port\0state\0", isLittleEndian);
    const joined = parseBtf(joinBtf(kernel, module));
    assert.equal(joined.typeCount, 2);
    assert.equal(joined.find("port", "struct"), 2);
    const port = joined.type(2);
    assert.ok(port.kind === "struct");
    assert.deepEqual(
      port.members.map(({ name, typeId }) => [name, typeId]),
      [["state", 1]],
    );
  });
}

test("what is no BTF, or cut short, is refused", () => {
  const kernel = btfOf([1, INT << 24, 4, 32], "\0int\0", true);
  for (const damaged of [new Uint8Array(0), new Uint8Array(24), kernel.subarray(0, -1)])
    for (const [first, second] of [
      [kernel, damaged],
      [damaged, kernel],
    ] as const)
      assert.throws(() => joinBtf(first, second), { code: "BTF_INVALID" });
});
