/** Debian's own kernels: the newest package of a series, downloaded and unpacked below `build/vm`, never installed. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { arch } from "node:os";
import { basename, dirname, join } from "node:path";
import { runTool } from "./run-tool.ts";
import { VmError } from "./vm-error.ts";

export interface DebianKernel {
  /** What `uname -r` says in the guest. */
  readonly release: string;
  /** Version of the Debian package. */
  readonly version: string;
  readonly imagePath: string;
  /** What belongs at `/lib/modules`. */
  readonly modulesFolder: string;
}

interface Package {
  readonly name: string;
  readonly version: string;
}

/** Throws `VmError` with the code `VM_UNAVAILABLE` where apt has no such kernel and none was fetched before. */
export function fetchKernel(series: string, cache: string): DebianKernel {
  if (arch() !== "x64")
    throw new VmError("VM_UNAVAILABLE", `kernels are only emulated on x86-64, not ${arch()}`);
  const newest = findNewest(series);
  if (newest === undefined) return findCached(series, cache);
  const folder = join(cache, newest.version);
  if (!existsSync(folder)) {
    unpack(newest, folder);
    removeOlder(series, folder);
  }
  return describeFolder(folder);
}

function findNewest(series: string): Package | undefined {
  const isRoot = process.getuid?.() === 0;
  // A machine that never asked for the lists has none.
  return (
    newestOf(listPackages(series)) ?? (isRoot && updateLists() ? newestOf(listPackages(series)) : undefined)
  );
}

function listPackages(series: string): Package[] {
  const pattern = `^linux-image-${series.replace(".", "\\.")}[.][0-9].*-cloud-amd64$`;
  const names = ask("apt-cache", "search", "--names-only", pattern).match(/^\S+/gm) ?? [];
  if (names.length === 0) return [];
  const shown = ask("apt-cache", "show", ...names);
  return [...shown.matchAll(/^Package: (?<name>\S+)\n(?:.+\n)*?Version: (?<version>\S+)$/gm)].map(
    ({ groups }) => ({ name: groups?.["name"] ?? "", version: groups?.["version"] ?? "" }),
  );
}

function newestOf(packages: readonly Package[]): Package | undefined {
  const isNewer = (left: Package, right: Package): boolean =>
    spawnSync("dpkg", ["--compare-versions", left.version, "gt", right.version]).status === 0;
  return packages.reduce<Package | undefined>(
    (newest, next) => (newest === undefined || isNewer(next, newest) ? next : newest),
    undefined,
  );
}

function updateLists(): boolean {
  return spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore" }).status === 0;
}

/** Nothing where the command is not there. */
function ask(command: string, ...parameters: string[]): string {
  return spawnSync(command, parameters, { encoding: "utf8", maxBuffer: 1 << 26 }).stdout ?? "";
}

/** Appears under its name only when it is complete. */
function unpack({ name, version }: Package, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const partial = mkdtempSync(`${folder}.partial-`);
  try {
    // Root's downloads would otherwise be refused to apt's own user.
    const download = ["download", "-qq", "-o", "APT::Sandbox::User=root", `${name}=${version}`];
    runTool("apt-get", download, { cwd: partial, code: "VM_UNAVAILABLE" });
    const [archive = ""] = globSync("*.deb", { cwd: partial });
    runTool("dpkg-deb", ["-x", archive, "."], { cwd: partial });
    decompressModules(partial);
    const [release = ""] = globSync("*", { cwd: join(partial, "lib/modules") });
    runTool("depmod", ["-b", ".", release], { cwd: partial });
    for (const done of [archive, "usr"]) rmSync(join(partial, done), { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** From 6.12 on modules are compressed, and an emulated machine takes half a second for each that it loads. */
function decompressModules(folder: string): void {
  const paths = globSync("lib/modules/**/*.ko.xz", { cwd: folder });
  if (paths.length > 0)
    runTool("xz", ["--decompress", "--", ...paths], { cwd: folder, code: "VM_UNAVAILABLE" });
}

/** Also what a download left behind that was killed. */
function removeOlder(series: string, folder: string): void {
  for (const name of globSync(`${series}.*`, { cwd: dirname(folder) })) {
    if (name !== basename(folder)) rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function describeFolder(folder: string): DebianKernel {
  const [image = ""] = globSync("boot/vmlinuz-*", { cwd: folder });
  return {
    release: basename(image).slice("vmlinuz-".length),
    version: basename(folder),
    imagePath: join(folder, image),
    modulesFolder: join(folder, "lib/modules"),
  };
}

function findCached(series: string, cache: string): DebianKernel {
  const versions = globSync(`${series}.*/lib/modules`, { cwd: cache }).map((path) => ({
    name: path,
    version: path.split("/", 1)[0] ?? "",
  }));
  const newest = newestOf(versions);
  if (newest === undefined) {
    throw new VmError("VM_UNAVAILABLE", `apt has no package linux-image-${series}.*-cloud-amd64`);
  }
  return describeFolder(join(cache, newest.version));
}
