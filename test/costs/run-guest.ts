/** Builds what the guest of the table of costs needs, runs it, and gives back what it said. */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { DebianKernel } from "../vm/debian-kernel.ts";
import { bundledPath } from "../vm/bundled-path.ts";
import { makeImage } from "../vm/disk-image.ts";
import { describeFailure, runGuest } from "../vm/guest.ts";
import { stageGuest } from "../vm/guest-tree.ts";
import { cacheFolder } from "../vm/prepare.ts";
import { makeRunFolder } from "../vm/run-folder.ts";
import type { CostLine, CostPlan } from "./cost-plan.ts";
import { compileEmptyPrograms, compileParts } from "./empty-programs.ts";

const root = join(import.meta.dirname, "../..");

/** Several times what it takes on two cores. */
const DEADLINE_MS = 15 * 60_000;

export interface CostGuest {
  readonly kernel: DebianKernel;
  readonly plan: CostPlan;
  /** Name of the empty program, by hook. */
  readonly emptyPrograms: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/** Rejects with the console's last lines where the guest did not come to its end. */
export async function runCostGuest({ kernel, plan, emptyPrograms, signal }: CostGuest): Promise<CostLine[]> {
  const folder = makeRunFolder(cacheFolder);
  try {
    const tree = join(folder, "root");
    await stageGuest(tree, kernel.modulesFolder);
    await stageCosts(join(tree, "costs"), plan, emptyPrograms);
    const rootDisk = join(folder, "root.ext4");
    makeImage(tree, rootDisk);
    const options = {
      kernel,
      rootDisk,
      environment: { KERNTEL_VM_PROGRAM: bundledPath("test/costs/guest/measure-costs.ts") },
      consolePath: join(cacheFolder, "console-costs.txt"),
      deadlineMs: DEADLINE_MS,
      isCounted: true,
      signal,
    };
    const lines: CostLine[] = [];
    await runGuest(options, (text) => lines.push(JSON.parse(text) as CostLine));
    if (!signal.aborted && lines.at(-1)?.type !== "end")
      throw describeFailure(
        `the guest ended after ${lines.length} measurements, before its plan did`,
        options,
      );
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function stageCosts(
  folder: string,
  plan: CostPlan,
  emptyPrograms: ReadonlyMap<string, string>,
): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
  for (const path of [await compileEmptyPrograms(emptyPrograms), await compileParts()])
    cpSync(join(root, path), join(folder, basename(path)));
  const sources = globSync("*.c", { cwd: join(import.meta.dirname, "guest"), exclude: ["*.bpf.c"] }).sort();
  // The guest has the addon's libraries, and libbpf is one of them.
  const flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-o", join(folder, "measure")];
  execFileSync("gcc", [...flags, ...sources, "-lbpf"], { cwd: join(import.meta.dirname, "guest") });
}
