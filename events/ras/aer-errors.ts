/** Names of PCIe errors by their bits (PCI Express Base Specification 6.0, 7.8.4.2 and 7.8.4.5). */
import { nameBits } from "./hexadecimal.ts";

const correctable = new Map([
  [0, "Receiver Error"],
  [6, "Bad TLP"],
  [7, "Bad DLLP"],
  [8, "Replay Number Rollover"],
  [12, "Replay Timer Timeout"],
  [13, "Advisory Non-Fatal Error"],
  [14, "Corrected Internal Error"],
  [15, "Header Log Overflow"],
]);

const uncorrectable = new Map([
  [0, "Undefined"],
  [4, "Data Link Protocol Error"],
  [5, "Surprise Down Error"],
  [12, "Poisoned TLP Received"],
  [13, "Flow Control Protocol Error"],
  [14, "Completion Timeout"],
  [15, "Completer Abort"],
  [16, "Unexpected Completion"],
  [17, "Receiver Overflow"],
  [18, "Malformed TLP"],
  [19, "ECRC Error"],
  [20, "Unsupported Request Error"],
  [21, "ACS Violation"],
  [22, "Uncorrectable Internal Error"],
  [23, "MC Blocked TLP"],
  [24, "AtomicOp Egress Blocked"],
  [25, "TLP Prefix Blocked Error"],
  [26, "Poisoned TLP Egress Blocked"],
  [27, "DMWr Request Egress Blocked"],
  [28, "IDE Check Failed"],
  [29, "Misrouted IDE TLP"],
  [30, "PCRC Check Failed"],
  [31, "TLP Translation Egress Blocked"],
]);

/** Every error of the status register; several may come at once. */
export function nameAerErrors(status: number, isCorrectable: boolean): string[] {
  return nameBits(status, isCorrectable ? correctable : uncorrectable);
}
