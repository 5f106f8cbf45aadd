/** The root file system of a guest: a shell, the programs that live tests call, Node, and this project. */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { stageDeclaredNames } from "../live/declared-names.ts";
import { bundleTests } from "./bundle-tests.ts";
import { COMPILE_CACHE, findCompileCache } from "./compile-cache.ts";
import { findPackages } from "./guest-packages.ts";
import { cacheFolder } from "./prepare.ts";
import { findProgram, runTool } from "./run-tool.ts";

const root = join(import.meta.dirname, "../..");

/** Where busybox has one too, the real one is what the tests were written for. */
const programs = [
  "bridge",
  "busybox",
  "capsh",
  "conntrack",
  "devlink",
  "ethtool",
  "ip",
  "iptables",
  "modprobe",
  "nft",
  "ping",
  "setpriv",
  "ss",
  "tc",
];
const project = [
  "bpf",
  "build/program",
  "events",
  "exporters",
  "kerntel",
  "otel-config",
  "package.json",
  "receiver",
  "test",
];
/** What is not in the bundle: a native addon, and one that is asked for by a name made up at run time. */
const packages = ["leveldown", "long"];
const mountPoints = ["dev", "proc", "sys", "tmp", "run", "root", "lib"];

/** Fills an empty folder. `modulesFolder`: the kernel's. */
export async function stageGuest(folder: string, modulesFolder: string): Promise<void> {
  for (const name of ["bin", "etc", "kerntel", ...mountPoints])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["init", "check-timers"])
    cpSync(join(import.meta.dirname, "guest", name), join(folder, name));
  writeFileSync(join(folder, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(folder, "etc/group"), "root:x:0:\n");
  cpSync(modulesFolder, join(folder, "lib/modules"), { recursive: true });
  const compiled = findCompileCache(cacheFolder);
  if (compiled !== undefined) cpSync(compiled, join(folder, COMPILE_CACHE), { recursive: true });
  // A guest has no compiler for what the loader's tests load.
  runTool("make", ["--silent", "-C", join(root, "bpf/loader"), "fixtures"]);
  stageProject(join(folder, "kerntel"), await bundleTests());
  stageDeclaredNames(join(folder, "kerntel/test/live"));
  const staged = programs.map((name) => {
    const path = realpathSync(findProgram(name));
    cpSync(path, join(folder, "bin", name));
    return path;
  });
  stageLibraries(folder, [
    ...staged,
    process.execPath,
    join(root, "bpf/loader/build/Release/bpf_loader.node"),
    // The addon opens it by itself when a filter is compiled.
    ...stageLibpcap(folder),
  ]);
}

function stageLibpcap(folder: string): readonly string[] {
  const paths = globSync("/usr/lib/*/libpcap.so.0.8");
  for (const path of paths) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(realpathSync(path), join(folder, path));
  }
  return paths;
}

function stageProject(folder: string, bundledTests: string): void {
  for (const name of [...project, bundledTests]) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: isWanted });
  }
  for (const name of findPackages(root, packages)) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: isWanted });
  }
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  // A copy under a name of its own, whatever package Node came with.
  cpSync(realpathSync(process.execPath), join(folder, "node_modules/.bin/node"));
}

/** Sources are in bundles, and most of node_modules is there for people, browsers and other systems. */
function isWanted(path: string): boolean {
  const name = relative(root, path);
  return !/\.(map|ts|mts|cts|md)$|\/prebuilds\/(?!linux-x64)|^bpf\/loader\/(node_modules|build\/(asan|readme-))/.test(
    name,
  );
}

function stageLibraries(folder: string, binaries: readonly string[]): void {
  // One at a time: for a static program ldd fails.
  const listed = binaries.map((path) => spawnSync("ldd", [path], { encoding: "utf8" }).stdout).join("\n");
  for (const path of new Set(listed.match(/\/\S+\.so\S*(?= \(0x)/g))) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(realpathSync(path), join(folder, path));
  }
}
