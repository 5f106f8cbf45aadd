/** Errors that a processor, or firmware about a processor, reports. */
import { describe, textPart } from "./description.ts";
import type { Description, Parts } from "./description.ts";
import { hex } from "./hexadecimal.ts";
import { nameBank } from "./mce-bank.ts";
import { correctedCount, decodeError, nameFlags, vendorName } from "./mce-status.ts";
import type { RasArmRecord, RasMceRecord } from "./record.generated.ts";

const ADDRESS_VALID = 1n << 58n;
const MISC_VALID = 1n << 59n;
const SYNDROME_VALID = 1n << 53n;

export function describeMce(record: RasMceRecord): Description {
  const { status, vendor, bank, processor } = record;
  const { words, isMemory } = decodeError(status);
  const name = nameBank(bank, record.ipid, vendor);
  const place = `CPU ${processor} bank ${bank}${name === undefined ? "" : ` (${name})`}`;
  const vendorText = vendorName(vendor);
  return describe("mce", record.head.severity, {
    kind: isMemory ? "memory" : "cpu",
    id: `cpu${processor}-bank${bank}`,
    parts: {
      ...textPart("hw.name", name),
      ...textPart("hw.vendor", vendorText),
      "cpu.logical_number": processor,
      "kerntel.ras.mce.bank.number": bank,
      ...textPart("kerntel.ras.mce.bank.name", name),
      "kerntel.ras.mce.error": words,
      "kerntel.ras.mce.flags": nameFlags(status, vendor),
      "kerntel.ras.mce.status": hex(status),
      ...registers(record),
      "kerntel.ras.mce.socket": record.socket,
      "kerntel.ras.mce.apic": record.apic,
      "kerntel.ras.mce.cpuid": hex(record.cpuid),
      "kerntel.ras.mce.microcode": hex(record.microcode),
    },
    words: `machine check on ${place}, ${words}`,
  });
}

/** Only those that the processor calls valid. */
function registers(record: RasMceRecord): Parts {
  const { status } = record;
  const counted = correctedCount(status, record.vendor);
  return {
    ...((status & ADDRESS_VALID) === 0n ? {} : { "kerntel.ras.mce.address": hex(record.address) }),
    ...((status & MISC_VALID) === 0n ? {} : { "kerntel.ras.mce.misc": hex(record.misc) }),
    ...((status & SYNDROME_VALID) === 0n || record.syndrome === 0n
      ? {}
      : { "kerntel.ras.mce.syndrome": hex(record.syndrome) }),
    ...(record.ipid === 0n ? {} : { "kerntel.ras.mce.ipid": hex(record.ipid) }),
    "kerntel.ras.mce.mcg_status": hex(record.mcgStatus),
    ...(record.instruction === 0n ? {} : { "kerntel.ras.mce.instruction": hex(record.instruction) }),
    ...(counted === undefined ? {} : { "kerntel.ras.mce.corrected_count": counted }),
  };
}

/** UEFI 2.10, N.2.4.4: which fields of the section, and of its first error, are valid. */
const VALID = { mpidr: 1, affinity: 2, running: 8 } as const;
const ERROR_VALID = { information: 4, virtualAddress: 8, physicalAddress: 16 } as const;
const armErrors = ["cache", "tlb", "bus", "micro_architectural"];

export function describeArm(record: RasArmRecord): Description {
  const isValid = (bit: number): boolean => (record.validation & bit) !== 0;
  const error = record.errors === 0 ? undefined : (armErrors[record.errorType] ?? `type ${record.errorType}`);
  const mpidr = hex(record.mpidr);
  return describe("arm", record.head.severity, {
    kind: "cpu",
    id: `midr-${hex(record.midr)}-mpidr-${mpidr}`,
    parts: {
      "kerntel.ras.arm.midr": hex(record.midr),
      ...(isValid(VALID.mpidr) ? { "kerntel.ras.arm.mpidr": mpidr } : {}),
      ...(isValid(VALID.affinity) ? { "kerntel.ras.arm.affinity": record.affinity } : {}),
      ...(isValid(VALID.running) ? describeRunning(record) : {}),
      "kerntel.ras.arm.errors": record.errors,
      ...textPart("kerntel.ras.arm.error", error),
      ...describeArmError(record),
    },
    words: `ARM processor ${mpidr}${error === undefined ? "" : `, ${error}`}`,
  });
}

function describeRunning({ runningState, psciState }: RasArmRecord): Parts {
  const isRunning = (runningState & 1) === 1;
  return {
    "kerntel.ras.arm.running": isRunning,
    ...(isRunning ? {} : { "kerntel.ras.arm.psci_state": hex(psciState) }),
  };
}

function describeArmError(record: RasArmRecord): Parts {
  const isValid = (bit: number): boolean => record.errors > 0 && (record.errorValidation & bit) !== 0;
  return {
    ...(isValid(ERROR_VALID.information)
      ? { "kerntel.ras.arm.error_information": hex(record.errorInformation) }
      : {}),
    ...(isValid(ERROR_VALID.virtualAddress)
      ? { "kerntel.ras.arm.virtual_address": hex(record.virtualAddress) }
      : {}),
    ...(isValid(ERROR_VALID.physicalAddress)
      ? { "kerntel.ras.arm.physical_address": hex(record.physicalAddress) }
      : {}),
  };
}
