/** How fast the guest's clock ticks. A guest that measures it on a busy machine may run minutes ahead each second. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";

const source = join(import.meta.dirname, "clock-frequency.c");

/** Kilohertz of the time stamp counter, which an emulated machine takes from this one. `folder`: for the compiled program. */
export function measureClockKhz(folder: string): number {
  const program = join(folder, "clock-frequency");
  runTool("gcc", ["-O2", "-o", program, source]);
  return Number(execFileSync(program, { encoding: "utf8" }));
}
