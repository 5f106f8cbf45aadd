import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKernelText, encodeKernelText } from "./text.ts";

const bytesOf = (latin1: string): Uint8Array => Buffer.from(latin1, "latin1");

test("valid UTF-8 stays as it is, and every other byte is escaped as the kernel does it", () => {
  const cases: readonly [bytes: Uint8Array, text: string][] = [
    [Buffer.from("eth0"), "eth0"],
    [Buffer.from("größe"), "größe"],
    [Buffer.from("\u{1f40b}"), "\u{1f40b}"],
    [Buffer.from("\u{feff}eth0"), "\u{feff}eth0"],
    [bytesOf("ab\xffc"), String.raw`ab\377c`],
    [bytesOf("\xc3"), String.raw`\303`],
    [Buffer.concat([Buffer.from("ö"), bytesOf("\x80ö".slice(0, 1))]), String.raw`ö\200`],
    // A surrogate, an overlong slash and a number beyond Unicode are no UTF-8.
    [bytesOf("\xed\xa0\x80"), String.raw`\355\240\200`],
    [bytesOf("\xc0\xaf"), String.raw`\300\257`],
    [bytesOf("\xf4\x90\x80\x80"), String.raw`\364\220\200\200`],
    [bytesOf("a\0\xff"), "a"],
    // What would read as an escape, and what would not: systemd's names have backslashes.
    [bytesOf(String.raw`ab\377c`), String.raw`ab\134377c`],
    [bytesOf(String.raw`\134`), String.raw`\134134`],
    [bytesOf(String.raw`machine-qemu\x2d1.scope`), String.raw`machine-qemu\x2d1.scope`],
    [bytesOf(String.raw`mnt-\xc3\xb6.mount`), String.raw`mnt-\xc3\xb6.mount`],
    [bytesOf(String.raw`\100\400\12`), String.raw`\100\400\12`],
    [bytesOf("\\\xff"), String.raw`\\377`],
  ];
  for (const [bytes, text] of cases) assert.equal(decodeKernelText(bytes), text);
});

/** Of these the confusing names are made: what begins, continues and ends sequences and escapes. */
const pieces = ["\\", "1", "2", "3", "4", "7", "x", "\x80", "\xa0", "\xbf", "\xc3", "\xe2", "\xed", "\xff"];

test("no two names become one, and each leads back to its bytes", () => {
  const seen = new Map<string, string>();
  let names = [""];
  for (let length = 0; length < 4; length++) names = names.flatMap((name) => pieces.map((one) => name + one));
  for (const latin1 of names) {
    const text = decodeKernelText(bytesOf(latin1));
    assert.equal(seen.get(text), undefined, text);
    seen.set(text, latin1);
    assert.equal(Buffer.from(encodeKernelText(text)).toString("latin1"), latin1);
    assert.ok(text.isWellFormed(), text);
  }
  assert.equal(seen.size, pieces.length ** 4);
});
