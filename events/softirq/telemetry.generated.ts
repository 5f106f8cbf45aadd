// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A softirq waited or ran for long. */
export interface KerntelSoftirqAttributes {
  /** Which softirq, as in `/proc/softirqs`. */
  readonly "kerntel.softirq.vector": string;
  /** What took long. */
  readonly "kerntel.softirq.stage": "wait" | "run";
  /** How long that stage took, in seconds. */
  readonly "kerntel.duration": number;
  /** The threshold that was reached, in seconds. */
  readonly "kerntel.threshold": number;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid": number;
  /** Kernel thread id, in the initial pid namespace. */
  readonly "thread.id": number;
  /** The kernel's name of the thread (comm). */
  readonly "thread.name": string;
  /** Stack, innermost function first, one line each. */
  readonly "code.stacktrace"?: string;
}

export const kerntelSoftirqEvent = { name: "kerntel.softirq", severity: 13 } as const;

/** How long softirqs waited and ran, by vector, whatever the thresholds. In a burst every 256th is timed and stands for the others. */
export const kerntelSoftirqDuration: MetricDefinition<{
  /** Which softirq, as in `/proc/softirqs`. */
  readonly "kerntel.softirq.vector": string;
  /** What took long. */
  readonly "kerntel.softirq.stage": "wait" | "run";
}> = {
  name: "kerntel.softirq.duration",
  unit: "s",
  description:
    "How long softirqs waited and ran, by vector, whatever the thresholds. In a burst every 256th is timed and stands for the others.",
  instrument: "histogram",
};
