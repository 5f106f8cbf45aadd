// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A CPU that was not idle got no timer tick for long. */
export interface KerntelSchedTickAttributes {
  /** Time without a tick on a CPU that was not idle, in seconds. */
  readonly "kerntel.duration": number;
  /** The threshold that was reached, in seconds. */
  readonly "kerntel.threshold": number;
  /** How much of the gap the hypervisor ran something else, as it says itself, in seconds. */
  readonly "kerntel.sched_tick.steal"?: number;
  /** How long the whole machine stood still meanwhile, in seconds. */
  readonly "kerntel.machine.pause.duration"?: number;
  /** What explains the gap. */
  readonly "kerntel.sched_tick.cause": "steal" | "other" | "pause";
  /** Inode number of the cgroup of the task that had the CPU. */
  readonly "kerntel.cgroup.id": string;
  /** Path of the cgroup of the task that had the CPU. */
  readonly "kerntel.cgroup.path": string;
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

export const kerntelSchedTickEvent = { name: "kerntel.sched_tick", severity: 13 } as const;

/** Gaps between timer ticks that were beyond the threshold, by cause; exact also when records are suppressed. */
export const kerntelSchedTickGapDuration: MetricDefinition<{
  /** What explains the gap. */
  readonly "kerntel.sched_tick.cause": "steal" | "other" | "pause";
}> = {
  name: "kerntel.sched_tick.gap.duration",
  unit: "s",
  description:
    "Gaps between timer ticks that were beyond the threshold, by cause; exact also when records are suppressed.",
  instrument: "histogram",
};
