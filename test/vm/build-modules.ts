/** Kernel modules of our own, compiled for a guest's kernel: what no driver of Debian's kernels can be made to do. */
import { cpSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { DebianKernel } from "./debian-kernel.ts";
import { fetchHeaders } from "./kernel-headers.ts";
import { runTool } from "./run-tool.ts";

const sources = join(import.meta.dirname, "../provoke/modules");

/** Compiles them below `workFolder` and puts them where test/provoke/own-module.ts looks for them in the guest. */
export function buildModules(kernel: DebianKernel, workFolder: string, guestFolder: string): void {
  const headers = fetchHeaders(kernel);
  mkdirSync(workFolder, { recursive: true });
  const names = globSync("*.c", { cwd: sources }).map((path) => basename(path, ".c"));
  for (const name of names) cpSync(join(sources, `${name}.c`), join(workFolder, `${name}.c`));
  writeFileSync(
    join(workFolder, "Makefile"),
    `obj-m := ${names.map((name) => `${name}.o`).join(" ")}\nccflags-y := -Wall -Werror\n`,
  );
  // Without BTF of their own, which would take pahole and the kernel's whole image.
  const settings = ["CC=gcc", "CONFIG_DEBUG_INFO_BTF_MODULES="];
  runTool("make", ["-s", "-C", headers, `M=${workFolder}`, ...settings, "modules"]);
  for (const name of names) cpSync(join(workFolder, `${name}.ko`), join(guestFolder, `${name}.ko`));
}
