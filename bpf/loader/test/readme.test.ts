import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as loader from "../source/index.ts";
import { live, packageFolder } from "./fixture.ts";

const readme = readFileSync(join(packageFolder, "README.md"), "utf8");

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  assert.ok(found !== undefined, `a block of ${language}`);
  return found;
}

describe("the README", () => {
  test("has an example that works", live, () => {
    // Within the package, so that its own name can be imported.
    mkdirSync(join(packageFolder, "build"), { recursive: true });
    const folder = mkdtempSync(join(packageFolder, "build/readme-"));
    try {
      writeFileSync(join(folder, "exits.bpf.c"), block("c"));
      const include = `-I/usr/include/${execFileSync("uname", ["-m"], { encoding: "utf8" }).trim()}-linux-gnu`;
      const compile = ["-target", "bpf", "-g", "-O2", include, "-c", "exits.bpf.c", "-o", "exits.bpf.o"];
      execFileSync("clang", compile, { cwd: folder });
      const trigger = 'import { execFileSync } from "node:child_process";\nexecFileSync("true");\n';
      writeFileSync(join(folder, "exits.ts"), block("ts") + trigger);
      const output = execFileSync(process.execPath, ["exits.ts"], { cwd: folder, encoding: "utf8" });
      assert.match(output, /^true \(\d+\) ended$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("names every function and class that is exported, and every code of an error", () => {
    for (const name of Object.keys(loader).filter((each) => !["BtfError", "readStatistics"].includes(each)))
      assert.ok(readme.includes(name), name);
    const table = readFileSync(join(packageFolder, "source/error.ts"), "utf8");
    const codes = new Set(table.match(/BPF_[A-Z_]+/g));
    for (const code of codes) assert.ok(readme.includes(code), code);
  });
});
