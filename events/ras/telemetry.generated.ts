// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** The hardware reported an error. */
export interface KerntelRasAttributes {
  /** Who told of the error. */
  readonly "kerntel.ras.source": "mce" | "edac" | "cper" | "arm" | "aer" | "memory_failure" | "extlog";
  /** Class of the failure. */
  readonly "error.type": string;
  /** Kind of the part. */
  readonly "hw.type": string;
  /** Identifies the part within the machine. */
  readonly "hw.id": string;
  /** Name of the part. */
  readonly "hw.name"?: string;
  /** Maker of the part. */
  readonly "hw.vendor"?: string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number"?: number;
  /** Errors that the log record stands for, itself included. */
  readonly "kerntel.count": number;
  /** Equal errors since the first one. */
  readonly "kerntel.ras.total": number;
  /** Machine check bank. */
  readonly "kerntel.ras.mce.bank.number"?: number;
  /** What the bank belongs to, where the processor or the kernel says so. */
  readonly "kerntel.ras.mce.bank.name"?: string;
  /** The error code in words (Intel SDM volume 3B, section 17.9). */
  readonly "kerntel.ras.mce.error"?: string;
  /** Set bits of the status register, by name. */
  readonly "kerntel.ras.mce.flags"?: readonly string[];
  /** Status register of the bank, hexadecimal. */
  readonly "kerntel.ras.mce.status"?: string;
  /** Address register, hexadecimal, where it is valid. */
  readonly "kerntel.ras.mce.address"?: string;
  /** Miscellaneous register, hexadecimal, where it is valid. */
  readonly "kerntel.ras.mce.misc"?: string;
  /** Syndrome register (AMD), hexadecimal, where it is valid. */
  readonly "kerntel.ras.mce.syndrome"?: string;
  /** Identification register of the bank (AMD), hexadecimal. */
  readonly "kerntel.ras.mce.ipid"?: string;
  /** Global status register, hexadecimal. */
  readonly "kerntel.ras.mce.mcg_status"?: string;
  /** Instruction pointer, hexadecimal, where the processor knows it. */
  readonly "kerntel.ras.mce.instruction"?: string;
  /** Corrected errors that the bank itself counted (Intel). */
  readonly "kerntel.ras.mce.corrected_count"?: number;
  /** Socket of the processor. */
  readonly "kerntel.ras.mce.socket"?: number;
  /** Initial APIC id of the processor. */
  readonly "kerntel.ras.mce.apic"?: number;
  /** Family, model and stepping, as CPUID 1 has them in EAX, hexadecimal. */
  readonly "kerntel.ras.mce.cpuid"?: string;
  /** Revision of the microcode, hexadecimal. */
  readonly "kerntel.ras.mce.microcode"?: string;
  /** What the driver says. */
  readonly "kerntel.ras.edac.message"?: string;
  /** What the driver adds. */
  readonly "kerntel.ras.edac.detail"?: string;
  /** Number of the memory controller. */
  readonly "kerntel.ras.edac.controller"?: number;
  /** Place below the controller, from the top; -1 where it is not known. */
  readonly "kerntel.ras.edac.layers"?: readonly number[];
  /** Physical address, hexadecimal. */
  readonly "kerntel.ras.edac.address"?: string;
  /** How exact the address is, in bytes. */
  readonly "kerntel.ras.edac.grain"?: number;
  /** Syndrome, hexadecimal. */
  readonly "kerntel.ras.edac.syndrome"?: string;
  /** Type of the section, a GUID. */
  readonly "kerntel.ras.cper.section"?: string;
  /** Field replaceable unit, a GUID. */
  readonly "kerntel.ras.cper.unit.id"?: string;
  /** Field replaceable unit, as firmware names it. */
  readonly "kerntel.ras.cper.unit.text"?: string;
  /** Length of the section's data, in bytes. */
  readonly "kerntel.ras.cper.length"?: number;
  /** The section's data, hexadecimal; the first 256 bytes. */
  readonly "kerntel.ras.cper.data"?: string;
  /** MPIDR_EL1 of the processor, hexadecimal. */
  readonly "kerntel.ras.arm.mpidr"?: string;
  /** MIDR_EL1 of the processor, hexadecimal. */
  readonly "kerntel.ras.arm.midr"?: string;
  /** Affinity level that the error is about. */
  readonly "kerntel.ras.arm.affinity"?: number;
  /** Whether the processor runs. */
  readonly "kerntel.ras.arm.running"?: boolean;
  /** PSCI state of a processor that does not run, hexadecimal. */
  readonly "kerntel.ras.arm.psci_state"?: string;
  /** Kind of the first error. */
  readonly "kerntel.ras.arm.error"?: string;
  /** How many errors the section describes. */
  readonly "kerntel.ras.arm.errors"?: number;
  /** Details of the first error, hexadecimal (UEFI 2.10, N.2.4.4.1). */
  readonly "kerntel.ras.arm.error_information"?: string;
  /** Virtual address of the first error, hexadecimal. */
  readonly "kerntel.ras.arm.virtual_address"?: string;
  /** Physical address of the first error, hexadecimal. */
  readonly "kerntel.ras.arm.physical_address"?: string;
  /** The errors, by name; several may come at once. */
  readonly "kerntel.ras.aer.errors"?: readonly string[];
  /** Status register, hexadecimal. */
  readonly "kerntel.ras.aer.status"?: string;
  /** Header of the packet that the error is about, hexadecimal. */
  readonly "kerntel.ras.aer.header"?: string;
  /** Number of the page frame, hexadecimal. */
  readonly "kerntel.ras.page.frame"?: string;
  /** The kernel's word for what the page was. */
  readonly "kerntel.ras.page.type"?: string;
  /** What became of the attempt to give it up. */
  readonly "kerntel.ras.page.result"?: string;
  /** Physical address, hexadecimal, where firmware knows it. */
  readonly "kerntel.ras.extlog.address"?: string;
  /** Kind of the memory error (UEFI 2.10, N.2.5). */
  readonly "kerntel.ras.extlog.error"?: string;
  /** Number of the error in firmware's log. */
  readonly "kerntel.ras.extlog.sequence"?: number;
}

export const kerntelRasEvent = { name: "kerntel.ras", severity: 17 } as const;

/** Hardware errors by source and severity, folded or not; of EDAC as many as the driver counted. */
export const kerntelRasErrors: MetricDefinition<{
  /** Who told of the error. */
  readonly "kerntel.ras.source": "mce" | "edac" | "cper" | "arm" | "aer" | "memory_failure" | "extlog";
  /** Class of the failure. */
  readonly "error.type": string;
}> = {
  name: "kerntel.ras.errors",
  unit: "{error}",
  description:
    "Hardware errors by source and severity, folded or not; of EDAC as many as the driver counted.",
  instrument: "counter",
};
