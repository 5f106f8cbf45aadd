/** Errors of PCIe devices, and what firmware reports in sections that the kernel cannot decode. */
import { nameAerErrors } from "./aer-errors.ts";
import { describe, textPart } from "./description.ts";
import type { Description } from "./description.ts";
import { formatGuid, hex, hexBytes } from "./hexadecimal.ts";
import type { RasAerRecord, RasCperRecord } from "./record.generated.ts";

/** AER_CORRECTABLE, include/linux/aer.h */
const CORRECTABLE = 2;
const NO_GUID = "00000000-0000-0000-0000-000000000000";

export function describeAer(record: RasAerRecord): Description {
  const { device, status, head } = record;
  const errors = nameAerErrors(status, head.severity === CORRECTABLE);
  const header = record.header.map((word) => word.toString(16).padStart(8, "0")).join(" ");
  return describe("aer", head.severity, {
    kind: "pcie_device",
    id: device,
    parts: {
      "hw.name": device,
      "kerntel.ras.aer.errors": errors,
      "kerntel.ras.aer.status": hex(status),
      ...(record.hasHeader === 0 ? {} : { "kerntel.ras.aer.header": header }),
    },
    words: `PCIe device ${device}, ${errors.join(" and ") || "no error named"}`,
  });
}

export function describeCper(record: RasCperRecord): Description {
  const section = formatGuid(record.section);
  const unit = formatGuid(record.unit);
  const unitText = printable(record.unitText);
  return describe("cper", record.head.severity, {
    kind: "unknown",
    id: unitText === "" ? section : unitText,
    parts: {
      ...textPart("hw.name", unitText),
      "kerntel.ras.cper.section": section,
      ...(unit === NO_GUID ? {} : { "kerntel.ras.cper.unit.id": unit }),
      ...textPart("kerntel.ras.cper.unit.text", unitText),
      "kerntel.ras.cper.length": record.length,
      ...textPart("kerntel.ras.cper.data", hexBytes(record.payload.subarray(0, record.length))),
    },
    words: `firmware reports a section ${section} of ${record.length} bytes${unitText === "" ? "" : ` about ${unitText}`}`,
  });
}

/** Firmware writes what it likes. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "").trim();
}
