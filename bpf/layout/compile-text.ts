/** Compiles a program for a test, given as text, and reads its types. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileObject } from "../compile/compile-object.ts";
import { findTools } from "../compile/find-tools.ts";
import type { Btf } from "../loader/source/btf/btf.ts";
import { loadObjectBtf } from "../loader/source/btf/object.ts";

export async function compileText(program: string): Promise<Btf> {
  const root = mkdtempSync(join(tmpdir(), "layout-"));
  try {
    mkdirSync(join(root, "bpf"));
    symlinkSync(fileURLToPath(new URL("../include", import.meta.url)), join(root, "bpf/include"));
    writeFileSync(join(root, "sample.bpf.c"), program);
    await compileObject({ root, source: "sample.bpf.c", output: "sample.bpf.o", tools: findTools() });
    return loadObjectBtf(join(root, "sample.bpf.o"));
  } finally {
    rmSync(root, { recursive: true });
  }
}
