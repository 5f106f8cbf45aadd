/** What a machine check bank belongs to. Intel's numbers mean something else on each model and are left alone. */
import { isAmd } from "./mce-status.ts";

/** Banks that the kernel made up: K_MCE_THRESHOLD_BASE and -1, arch/x86/include/asm/mce.h, kernel/cpu/mce/apei.c */
const THERMAL_BANK = 128;
const FIRMWARE_BANK = 255;

/** By hardware id and type of AMD's scalable MCA, from MCA_IPID (PPR of family 17h and later). */
const units = new Map([
  ["b0/0", "Load Store Unit"],
  ["b0/10", "Load Store Unit"],
  ["b0/1", "Instruction Fetch Unit"],
  ["b0/2", "L2 Cache"],
  ["b0/3", "Decode Unit"],
  ["b0/5", "Execution Unit"],
  ["b0/6", "Floating Point Unit"],
  ["b0/7", "L3 Cache"],
  ["2e/0", "Coherent Station"],
  ["2e/1", "Power, Interrupts, etc."],
  ["2e/2", "Coherent Station"],
  ["5/0", "Parameter Block"],
  ["96/0", "Unified Memory Controller"],
  ["96/1", "Unified Memory Controller"],
  ["ff/0", "Platform Security Processor"],
  ["ff/1", "Platform Security Processor"],
  ["1/0", "System Management Unit"],
  ["1/1", "System Management Unit"],
  ["1/2", "Microprocessor 5 Unit"],
  ["1/3", "MPDMA Unit"],
  ["18/0", "Northbridge IO Unit"],
  ["46/0", "PCI Express Unit"],
  ["46/1", "PCI Express Unit"],
  ["50/0", "xGMI PCS Unit"],
  ["6c/0", "NBIF Unit"],
  ["80/0", "System Hub Unit"],
  ["a8/0", "SATA Unit"],
  ["aa/0", "USB Unit"],
  ["241/0", "GMI PCS Unit"],
  ["259/0", "xGMI PHY Unit"],
  ["267/0", "WAFL PHY Unit"],
  ["269/0", "GMI PHY Unit"],
]);

export function nameBank(bank: number, ipid: bigint, vendor: number): string | undefined {
  if (bank === FIRMWARE_BANK) return "Firmware (APEI)";
  if (bank === THERMAL_BANK) return "Thermal event";
  if (!isAmd(vendor) || ipid === 0n) return undefined;
  const hardwareId = (ipid >> 32n) & 0xfffn;
  const type = ipid >> 48n;
  return units.get(`${hardwareId.toString(16)}/${type.toString(16)}`);
}
