import { spawnSync } from "node:child_process";

/** Loads kernel modules. Throws where one is missing. */
export function loadModules(...names: readonly string[]): void {
  for (const name of names) {
    const { status, stderr } = spawnSync("modprobe", [name], { encoding: "utf8" });
    if (status !== 0) throw new Error(`this kernel has no module ${name}: ${stderr}`);
  }
}

/** The same for what may as well be built in; a guest's kernel cannot load by itself. */
export function loadWhereModular(...names: readonly string[]): void {
  for (const name of names) spawnSync("modprobe", [name]);
}
