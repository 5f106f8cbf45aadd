import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { KernelSymbols } from "./kernel-symbols.ts";

const folder = mkdtempSync(join(tmpdir(), "kernel-symbols-"));
after(() => rmSync(folder, { recursive: true }));

const kallsymsPath = join(folder, "kallsyms");
const modulesPath = join(folder, "modules");

const kernel = `ffffffff81000000 T _stext
ffffffff81000000 T startup
ffffffff81000100 t helper
ffffffff81000180 d some_data
ffffffff81000200 W weak_one
ffffffff81000300 T last_text
ffffffff81000400 D rodata
`;
const modules = `ffffffffc0002010 t module_two\t[beta]
ffffffffc0000010 t module_one\t[alpha]
ffffffffc0000050 t module_end\t[alpha]
`;

function symbolsOf(text: string): KernelSymbols {
  writeFileSync(kallsymsPath, text);
  writeFileSync(modulesPath, "");
  return new KernelSymbols({ kallsymsPath, modulesPath, checkIntervalMs: 0 });
}

describe("a kernel symbol", () => {
  const symbols = symbolsOf(kernel + modules);
  assert.equal(symbols.unavailable, undefined);

  for (const [title, address, expected] of [
    ["at its beginning, by its first name", 0xffffffff81000000n, { name: "_stext", offset: 0, module: "" }],
    ["in its middle", 0xffffffff8100017fn, { name: "helper", offset: 0x7f, module: "" }],
    ["that is weak", 0xffffffff81000201n, { name: "weak_one", offset: 1, module: "" }],
    ["before all others", 0xffffffff80ffffffn, undefined],
    ["in data between text", 0xffffffff81000180n, undefined],
    ["in data behind text", 0xffffffff81000400n, undefined],
    ["of a module", 0xffffffffc0000011n, { name: "module_one", offset: 1, module: "alpha" }],
    [
      "at the end of a module's page",
      0xffffffffc0000fffn,
      { name: "module_end", offset: 0xfaf, module: "alpha" },
    ],
    ["between modules", 0xffffffffc0001000n, undefined],
    ["of the last module", 0xffffffffc0002fffn, { name: "module_two", offset: 0xfef, module: "beta" }],
    ["behind everything", 0xffffffffc0003000n, undefined],
    ["at zero", 0n, undefined],
  ] as const) {
    test(`${title} is found or not, as it should be`, () => {
      assert.deepEqual(symbols.lookup(address), expected);
    });
  }
});

describe("the table of kernel symbols", () => {
  test("is read again when modules came", () => {
    const symbols = symbolsOf(kernel);
    assert.equal(symbols.lookup(0xffffffffc0000010n), undefined);
    writeFileSync(kallsymsPath, kernel + modules);
    assert.equal(symbols.lookup(0xffffffffc0000010n), undefined, "the list of modules is the same");
    writeFileSync(modulesPath, "alpha 16384 0 - Live 0xffffffffc0000000\n");
    assert.equal(symbols.lookup(0xffffffffc0000010n)?.name, "module_one");
  });

  test("is not read again because a module is used", () => {
    const symbols = symbolsOf(kernel);
    writeFileSync(modulesPath, "alpha 16384 0 - Live 0xffffffffc0000000\n");
    assert.equal(symbols.lookup(0xffffffff81000100n)?.name, "helper");
    writeFileSync(kallsymsPath, "");
    writeFileSync(modulesPath, "alpha 16384 2 beta, Live 0xffffffffc0000000\n");
    assert.equal(symbols.lookup(0xffffffff81000100n)?.name, "helper");
  });

  for (const [title, text, reason] of [
    ["addresses are hidden", kernel.replaceAll(/^\w+/gm, "0000000000000000"), /kptr_restrict/],
    ["there are no symbols", "", /CONFIG_KALLSYMS/],
  ] as const) {
    test(`says when ${title}`, () => {
      const symbols = symbolsOf(text);
      assert.match(symbols.unavailable ?? "", reason);
      assert.equal(symbols.lookup(0xffffffff81000000n), undefined);
    });
  }

  test("says when there is no such file", () => {
    const symbols = new KernelSymbols({ kallsymsPath: join(folder, "none"), modulesPath });
    assert.match(symbols.unavailable ?? "", /ENOENT/);
    assert.equal(symbols.lookup(1n), undefined);
  });

  test("of the running kernel knows every address of its text", () => {
    const symbols = new KernelSymbols();
    const lines = readFileSync("/proc/kallsyms", "latin1").split("\n");
    const text = lines.filter(
      (line) => /^[^0]\w+ [tT] [^\t]+$/.test(line) || /^\w*[1-9a-f]\w* T _stext$/.test(line),
    );
    if (symbols.unavailable !== undefined) {
      assert.match(symbols.unavailable, /kptr_restrict/);
      return;
    }
    assert.ok(text.length > 1000);
    for (let index = 0; index < text.length; index += 997) {
      const [address = "", , name] = (text[index] ?? "").split(" ");
      const found = symbols.lookup(BigInt(`0x${address}`));
      assert.equal(found?.offset, 0, `${name}`);
    }
  });
});
