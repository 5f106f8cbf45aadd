/** Errors of memory: from its controller's driver, from firmware's log, and the kernel's own verdict about a page. */
import { describe, textPart } from "./description.ts";
import type { Description } from "./description.ts";
import { printable } from "./describe-device.ts";
import { formatGuid, hex } from "./hexadecimal.ts";
import type { RasEdacRecord, RasExtlogRecord, RasMemoryFailureRecord } from "./record.generated.ts";

export function describeEdac(record: RasEdacRecord): Description {
  const label = printable(record.label);
  const message = printable(record.message);
  const controller = `mc${record.controller}`;
  return describe("edac", record.head.severity, {
    kind: "memory",
    id: label === "" ? controller : label,
    parts: {
      ...textPart("hw.name", label),
      "kerntel.ras.edac.controller": record.controller,
      "kerntel.ras.edac.layers": [record.topLayer, record.middleLayer, record.lowerLayer],
      "kerntel.ras.edac.address": hex(record.address),
      ...(record.grainBits > 52 ? {} : { "kerntel.ras.edac.grain": 2 ** record.grainBits }),
      "kerntel.ras.edac.syndrome": hex(record.syndrome),
      ...textPart("kerntel.ras.edac.message", message),
      ...textPart("kerntel.ras.edac.detail", printable(record.detail)),
    },
    words: `${message === "" ? "memory" : message} on ${label === "" ? controller : label}`,
  });
}

/** By the running kernel's own names; empty where it has none. */
export interface PageNames {
  readonly types: ReadonlyMap<number, string>;
  readonly results: ReadonlyMap<number, string>;
}

export function describeMemoryFailure(record: RasMemoryFailureRecord, names: PageNames): Description {
  const frame = hex(record.frame);
  const type = (names.types.get(record.type) ?? String(record.type)).replace(/^MF_MSG_/, "").toLowerCase();
  const result = (names.results.get(record.result) ?? String(record.result))
    .replace(/^MF_/, "")
    .toLowerCase();
  return describe("memory_failure", record.head.severity, {
    kind: "memory",
    id: `page-${frame}`,
    parts: {
      "kerntel.ras.page.frame": frame,
      "kerntel.ras.page.type": type,
      "kerntel.ras.page.result": result,
    },
    words: `memory page ${frame} (${type}): ${result}`,
  });
}

/** UEFI 2.10, N.2.5: validation bit of the physical address, and kinds. */
const ADDRESS_VALID = 2n;
const memoryErrors = [
  "unknown",
  "no_error",
  "single_bit_ecc",
  "multi_bit_ecc",
  "single_symbol_chipkill_ecc",
  "multi_symbol_chipkill_ecc",
  "master_abort",
  "target_abort",
  "parity",
  "watchdog_timeout",
  "invalid_address",
  "mirror_broken",
  "memory_sparing",
  "scrub_corrected",
  "scrub_uncorrected",
  "physical_memory_map_out",
];

export function describeExtlog(record: RasExtlogRecord): Description {
  const unitText = printable(record.unitText);
  const unit = formatGuid(record.unit);
  const error = memoryErrors[record.errorType] ?? `type ${record.errorType}`;
  const hasAddress = (record.validation & ADDRESS_VALID) !== 0n;
  return describe("extlog", record.head.severity, {
    kind: "memory",
    id: unitText === "" ? unit : unitText,
    parts: {
      ...textPart("hw.name", unitText),
      "kerntel.ras.cper.unit.id": unit,
      ...textPart("kerntel.ras.cper.unit.text", unitText),
      "kerntel.ras.extlog.error": error,
      "kerntel.ras.extlog.sequence": record.sequence,
      ...(hasAddress ? { "kerntel.ras.extlog.address": hex(record.physicalAddress) } : {}),
    },
    words: `memory, ${error}${unitText === "" ? "" : ` on ${unitText}`}`,
  });
}
