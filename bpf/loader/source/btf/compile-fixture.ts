/** Compiles a fixture for a test into memory. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** `bpfel` is the little-endian, `bpfeb` the big-endian target of clang. */
export function compileFixture(name: string, target: "bpfel" | "bpfeb" = "bpfel"): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "btf-fixture-"));
  try {
    const source = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
    const output = join(folder, "fixture.o");
    execFileSync("clang", ["-g", "-O2", "-target", target, "-mcpu=v3", "-c", source, "-o", output]);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
