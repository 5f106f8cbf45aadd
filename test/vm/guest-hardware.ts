/**
 * Hardware of a guest that can fail: a PCIe port and a card behind it that report errors (AER), a second card on the same wire, and
 * firmware that reports errors (ACPI APEI: a HEST table with one polled source).
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Physical memory that the guest's kernel leaves alone: a register, and behind it what the register points to. */
export const firmwareRegister = 0x1000_0000;
export const firmwareBlock = 0x1000_1000;
export const FIRMWARE_BLOCK_BYTES = 4_096;
/** The port that errors are reported by, as `ls /sys/bus/pci/devices` shows it. */
export const pciePort = "0000:00:10.0";

const GENERIC_HARDWARE_ERROR_SOURCE = 9;
const SOURCE_BYTES = 64;
const POLL_MS = 200;

/** For the kernel's command line. */
export const firmwareParameter: string = `memmap=64K$0x${firmwareRegister.toString(16)}`;

/** For QEMU; writes a file into the folder. */
export function hardwareParameters(folder: string): string[] {
  const table = join(folder, "hest.bin");
  writeFileSync(table, makeErrorSourceTable());
  return [
    ["-machine", "q35"],
    ["-device", "pcie-root-port,id=pcie1,slot=1,addr=10.0"],
    // On one hub: while nobody drives the second card, the first cannot send.
    [
      "-netdev",
      "hubport,id=wire0,hubid=0",
      "-device",
      "virtio-net-pci,netdev=wire0,bus=pcie1,aer=on,romfile=",
    ],
    ["-netdev", "hubport,id=wire1,hubid=0", "-device", "virtio-net-pci,netdev=wire1,romfile="],
    ["-acpitable", `sig=HEST,data=${table}`],
  ].flat();
}

/** ACPI 6.5, section 18.3.2: what stands behind the header, which QEMU makes. */
function makeErrorSourceTable(): Buffer {
  const table = Buffer.alloc(4 + SOURCE_BYTES);
  table.writeUInt32LE(1, 0);
  const source = table.subarray(4);
  source.writeUInt16LE(GENERIC_HARDWARE_ERROR_SOURCE, 0);
  source.writeUInt16LE(1, 2);
  source.writeUInt16LE(0xffff, 4);
  source.writeUInt8(1, 7); // enabled
  source.writeUInt32LE(1, 8);
  source.writeUInt32LE(4, 12);
  source.writeUInt32LE(FIRMWARE_BLOCK_BYTES, 16);
  // Generic address: 64 bits of memory, read as one.
  source.writeUInt8(64, 21);
  source.writeUInt8(4, 23);
  source.writeBigUInt64LE(BigInt(firmwareRegister), 24);
  // Notification: polled.
  source.writeUInt8(28, 33);
  source.writeUInt32LE(POLL_MS, 36);
  source.writeUInt32LE(FIRMWARE_BLOCK_BYTES, 60);
  return table;
}
