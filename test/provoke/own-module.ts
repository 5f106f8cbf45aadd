/** Kernel modules of this folder's `modules/`, which test/vm/build-modules.ts compiles for a guest. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CannotProvokeError } from "./cannot-provoke.ts";

/** Loads a module, unless it is loaded. Throws `CannotProvokeError` where it was not compiled for this kernel. */
export function loadOwnModule(name: string): void {
  if (existsSync(`/sys/module/${name.replaceAll("-", "_")}`)) return;
  const path = join(import.meta.dirname, "modules", `${name}.ko`);
  if (!existsSync(path))
    throw new CannotProvokeError(`the module ${name} is only compiled for virtual machines`);
  const { status, stderr } = spawnSync("insmod", [path], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the module ${name} could not be loaded: ${stderr}`);
}
