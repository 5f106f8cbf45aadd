/** One error in the words of OpenTelemetry and of people, without how often and when it came. */
import type { TracerRecord } from "#receiver/tracing/contract.ts";
import { errorTypeOf, severityOf } from "./severity.ts";
import type { Source } from "./severity.ts";
import type { KerntelRasAttributes } from "./telemetry.generated.ts";

export type Parts = Partial<KerntelRasAttributes>;

export interface Description {
  readonly source: Source;
  readonly errorType: string;
  /** `hw.type` and `hw.id`. */
  readonly kind: string;
  readonly id: string;
  readonly parts: Parts;
  /** What follows "Corrected error: ". */
  readonly words: string;
}

export function describe(
  source: Source,
  severity: number,
  rest: Pick<Description, "kind" | "id" | "parts" | "words">,
): Description {
  return { source, errorType: errorTypeOf(source, severity), ...rest };
}

export interface Occurrence {
  /** Nanoseconds since boot. */
  readonly time: number;
  /** How many errors this log record stands for. */
  readonly count: number;
  readonly total: number;
}

const titles: Readonly<Record<string, string>> = {
  corrected: "Corrected hardware error",
  uncorrected: "Uncorrected hardware error",
  deferred: "Deferred hardware error",
  fatal: "Fatal hardware error",
  info: "Hardware notice",
};

export function makeRecord(
  { source, errorType, kind, id, parts, words }: Description,
  { time, count, total }: Occurrence,
): TracerRecord<KerntelRasAttributes> {
  const times = count === 1 ? "" : `, ${count} times`;
  return {
    time,
    subject: { kind: "host" },
    severity: severityOf(errorType),
    attributes: {
      "kerntel.ras.source": source,
      "error.type": errorType,
      "hw.type": kind,
      "hw.id": id,
      ...parts,
      "kerntel.count": count,
      "kerntel.ras.total": total,
    },
    body: `${titles[errorType] ?? "Hardware error"}: ${words}${times}`,
  };
}

/** The attribute, where there is something to say. */
export function textPart(name: keyof Parts, value: string | undefined): Parts {
  return value === undefined || value === "" ? {} : { [name]: value };
}
