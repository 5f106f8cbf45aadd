/** PCIe errors by the kernel's own injector: the device's registers read as told, and its port interrupts. */
import { writeFileSync } from "node:fs";
import { loadModules } from "#test/provoke/loaded-module.ts";

export interface PcieError {
  /** As `0000:01:00.0`. */
  readonly device: string;
  readonly correctable?: number;
  readonly uncorrectable?: number;
  readonly header?: readonly number[];
}

export function injectPcieError({
  device,
  correctable = 0,
  uncorrectable = 0,
  header = [],
}: PcieError): void {
  loadModules("aer_inject");
  const [domain = 0, bus = 0, slot = 0, func = 0] = device
    .split(/[:.]/)
    .map((part) => Number.parseInt(part, 16));
  // struct aer_error_inj, drivers/pci/pcie/aer_inject.c
  const error = Buffer.alloc(32);
  error.set([bus, slot, func]);
  error.writeUInt32LE(uncorrectable, 4);
  error.writeUInt32LE(correctable, 8);
  header.forEach((word, index) => error.writeUInt32LE(word, 12 + 4 * index));
  error.writeUInt32LE(domain, 28);
  writeFileSync("/dev/aer_inject", error);
}
