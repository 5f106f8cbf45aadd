/** Machine checks by the kernel's own injector, which has the rest of the kernel believe them. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { loadModules } from "#test/provoke/loaded-module.ts";

const DEBUGFS = "/sys/kernel/debug";
const INJECTOR = `${DEBUGFS}/mce-inject`;

export interface MachineCheck {
  readonly cpu: number;
  readonly bank: number;
  readonly status: bigint;
  readonly address: bigint;
}

/** Whether this kernel was built with it (CONFIG_X86_MCE_INJECT). */
export function hasMachineCheckInjector(): boolean {
  return spawnSync("modprobe", ["-n", "mce-inject"]).status === 0;
}

export function injectMachineCheck({ cpu, bank, status, address }: MachineCheck): void {
  loadModules("mce-inject");
  if (!existsSync(INJECTOR)) execFileSync("mount", ["-t", "debugfs", "debugfs", DEBUGFS]);
  const write = (file: string, value: string): void => {
    // The injector takes the last byte for the end of the line.
    writeFileSync(`${INJECTOR}/${file}`, `${value}\n`);
  };
  write("flags", "sw");
  write("status", `0x${status.toString(16)}`);
  write("addr", `0x${address.toString(16)}`);
  write("cpu", String(cpu));
  // Writing the bank injects.
  write("bank", String(bank));
}
