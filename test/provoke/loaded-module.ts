import { spawnSync } from "node:child_process";

/** Loads kernel modules. Throws where one is missing. */
export function loadModules(...names: readonly string[]): void {
  for (const name of names) {
    const { status, stderr } = spawnSync("modprobe", [name], { encoding: "utf8" });
    if (status !== 0) throw new Error(`this kernel has no module ${name}: ${stderr}`);
  }
}
