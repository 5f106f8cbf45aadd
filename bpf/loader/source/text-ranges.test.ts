import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readTextRanges } from "./text-ranges.ts";

const folder = mkdtempSync(join(tmpdir(), "text-ranges-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "kallsyms");

const symbols = `ffffffff81000100 t helper
ffffffff81000180 d helper_data
ffffffff81000200 T last_text
ffffffff81000300 t helper.cold
ffffffff81000310 t helper_of_others
ffffffffc0002040 t in_module\t[beta]
ffffffffc0002010 t before\t[beta]
ffffffffc0002090 t behind\t[beta]
ffffffffc0000010 t helper.isra.0\t[alpha]
`;

const ranges = (text: string, names: string[]): unknown => {
  writeFileSync(path, text);
  return Object.fromEntries(readTextRanges(names, path));
};

test("a function is found with its parts, also in modules, and others are not", () => {
  assert.deepEqual(ranges(symbols, ["helper", "in_module", "no_such_function"]), {
    helper: [
      { start: 0xffffffff81000100n, end: 0xffffffff81000180n },
      { start: 0xffffffff81000300n, end: 0xffffffff81000310n },
      { start: 0xffffffffc0000010n, end: 0xffffffffc0000011n },
    ],
    in_module: [{ start: 0xffffffffc0002040n, end: 0xffffffffc0002090n }],
  });
});

test("hidden addresses, no symbols and no names are no ranges", () => {
  assert.deepEqual(ranges("0000000000000000 t helper\n0000000000000000 t other\n", ["helper"]), {});
  assert.deepEqual(ranges("", ["helper"]), {});
  assert.deepEqual(ranges(symbols, []), {});
  assert.deepEqual(ranges(symbols, ["(", "helper.*"]), {});
  assert.equal(readTextRanges(["helper"], join(folder, "none")).size, 0);
});

test("the running kernel's functions are found", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  const [range] = readTextRanges(["vfs_read"]).get("vfs_read") ?? [];
  assert.ok(range !== undefined && range.end > range.start && range.end - range.start < 65_536n);
});
