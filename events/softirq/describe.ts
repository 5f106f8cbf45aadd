/** One long softirq in the words of OpenTelemetry and of people. */
import type { EventBpf, TracerRecord } from "#receiver/tracing/contract.ts";
import { taskAttributes } from "#receiver/tracing/task.ts";
import type { SoftirqRecord } from "./record.generated.ts";
import type { KerntelSoftirqAttributes } from "./telemetry.generated.ts";
import { nameVector } from "./vectors.ts";

/** As the kernel half numbers them. */
const stages = ["wait", "run"] as const;

export function describeSoftirq(
  record: SoftirqRecord,
  symbols: Pick<EventBpf, "stack">,
): TracerRecord<KerntelSoftirqAttributes> {
  const stack = symbols.stack(record.stack);
  const stage = stages[record.stage] ?? "run";
  const vector = nameVector(record.vector);
  return {
    time: record.time,
    subject: { kind: "host" },
    attributes: {
      "kerntel.softirq.vector": vector,
      "kerntel.softirq.stage": stage,
      "kerntel.duration": record.elapsed / 1e9,
      "kerntel.threshold": record.threshold / 1e9,
      "cpu.logical_number": record.cpu,
      ...taskAttributes(record),
      ...(stack === "" ? {} : { "code.stacktrace": stack }),
    },
    body: sentence(record, vector, stage),
  };
}

function sentence({ elapsed, cpu, comm, pid }: SoftirqRecord, vector: string, stage: "wait" | "run"): string {
  const did = stage === "wait" ? "waited" : "ran";
  const inside = pid === 0 ? "" : `, in ${comm} (${pid})`;
  return `Softirq ${vector} ${did} ${(elapsed / 1e6).toFixed(1)} ms on CPU ${cpu}${inside}`;
}
