/** How bad an error is: the words of its source as `error.type`, and that as OpenTelemetry's severity. */
import type { KerntelRasAttributes } from "./telemetry.generated.ts";

export type Source = KerntelRasAttributes["kerntel.ras.source"];

/** By the number of `enum ras_source` of the kernel half. */
export const sources: readonly Source[] = ["mce", "edac", "cper", "arm", "aer", "memory_failure", "extlog"];

/** By the number that the kernel half has. */
const errorTypes: Readonly<Record<Source, readonly string[]>> = {
  mce: ["corrected", "uncorrected", "fatal", "deferred"],
  // HW_EVENT_ERR_…, include/linux/edac.h
  edac: ["corrected", "uncorrected", "deferred", "fatal", "info"],
  // GHES_SEV_…, include/acpi/ghes.h
  cper: ["info", "corrected", "uncorrected", "fatal"],
  arm: ["info", "corrected", "uncorrected", "fatal"],
  // AER_NONFATAL, AER_FATAL, AER_CORRECTABLE, include/linux/aer.h
  aer: ["uncorrected", "fatal", "corrected"],
  // mf_result, which says what became of the page, not of the error.
  memory_failure: ["uncorrected", "uncorrected", "uncorrected", "uncorrected"],
  // CPER_SEV_…, include/linux/cper.h
  extlog: ["uncorrected", "fatal", "corrected", "info"],
};

const severities: Readonly<Record<string, number>> = { info: 9, corrected: 13, deferred: 13, fatal: 21 };
const SEVERITY_ERROR = 17;

/** `_OTHER`, OpenTelemetry's word for it, where the source did not say. */
export function errorTypeOf(source: Source, severity: number): string {
  return errorTypes[source][severity] ?? "_OTHER";
}

export function severityOf(errorType: string): number {
  return severities[errorType] ?? SEVERITY_ERROR;
}
