/** What it takes to compile a module for one of Debian's kernels: unpacked beside the kernel, never installed. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DebianKernel } from "./debian-kernel.ts";
import { runTool } from "./run-tool.ts";
import { VmError } from "./vm-error.ts";

/** The folder for `make -C`. Throws `VmError` with the code `VM_UNAVAILABLE` where apt has no headers of this very kernel. */
export function fetchHeaders({ release, version, modulesFolder }: DebianKernel): string {
  const folder = join(modulesFolder, "../../headers");
  if (!existsSync(folder)) unpack(findPackages(`linux-headers-${release}`, version), folder);
  return join(folder, "usr/src", `linux-headers-${release}`);
}

/** The headers proper, those that all flavours share, and the programs that compile. */
function findPackages(name: string, version: string): string[] {
  const shown = spawnSync("apt-cache", ["show", `${name}=${version}`], { encoding: "utf8" }).stdout ?? "";
  const common = /linux-headers-[^ ,]+-common/.exec(shown)?.[0];
  const programs = /linux-kbuild-[^ ,]+/.exec(shown)?.[0];
  if (common === undefined || programs === undefined)
    throw new VmError("VM_UNAVAILABLE", `apt has no package ${name} of version ${version}`);
  return [`${name}=${version}`, `${common}=${version}`, programs];
}

/** Appears under its name only when it is complete. */
function unpack(packages: readonly string[], folder: string): void {
  const partial = mkdtempSync(`${folder}.partial-`);
  try {
    const download = ["download", "-qq", "-o", "APT::Sandbox::User=root", ...packages];
    runTool("apt-get", download, { cwd: partial, code: "VM_UNAVAILABLE" });
    for (const archive of globSync("*.deb", { cwd: partial })) {
      runTool("dpkg-deb", ["-x", archive, "."], { cwd: partial });
      rmSync(join(partial, archive));
    }
    // It says where the package would be installed.
    for (const path of globSync("usr/src/*/Makefile", { cwd: partial })) moveMakefile(partial, path, folder);
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function moveMakefile(partial: string, path: string, folder: string): void {
  const text = readFileSync(join(partial, path), "utf8");
  const moved = text.replace(/^include \/usr\/src\//, `include ${join(folder, "usr/src")}/`);
  if (moved !== text) writeFileSync(join(partial, path), moved);
}
