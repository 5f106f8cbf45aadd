import { spawnSync } from "node:child_process";
import { VmError } from "./vm-error.ts";

export interface ToolOptions {
  readonly cwd?: string;
  /** What it means when the tool fails. */
  readonly code?: VmError["code"];
}

/** Runs a program of the system to its end; a failure carries what it said. */
export function runTool(command: string, parameters: readonly string[], options: ToolOptions = {}): string {
  const { cwd, code = "VM_FAILED" } = options;
  const { error, status, stdout, stderr } = spawnSync(command, parameters, { cwd, encoding: "utf8" });
  if (error !== undefined) {
    throw new VmError("VM_UNAVAILABLE", `${command} cannot be run: ${error.message}`, { cause: error });
  }
  if (status !== 0)
    throw new VmError(code, `${command} ${parameters.join(" ")} ended with ${status}:\n${stderr}`);
  return stdout;
}

/** Path of a program; one that is not there is no fault of the tests. */
export function findProgram(name: string): string {
  const { status, stdout } = spawnSync("which", [name], { encoding: "utf8" });
  if (status !== 0) throw new VmError("VM_UNAVAILABLE", `${name} is not installed`);
  return stdout.trim();
}
