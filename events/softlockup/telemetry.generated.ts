// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A CPU is, or was, stuck in the kernel, so that no other task gets on. */
export interface KerntelSoftlockupAttributes {
  /** Class of the failure. */
  readonly "error.type": string;
  /** What is said of the lockup. */
  readonly "kerntel.softlockup.kind": "warning" | "verdict" | "recovery";
  /** How long the CPU had run without a task getting on, in seconds. */
  readonly "kerntel.duration": number;
  /** How long the whole machine stood still meanwhile, in seconds. */
  readonly "kerntel.machine.pause.duration"?: number;
  /** After how long the warning was due, in seconds. */
  readonly "kerntel.threshold"?: number;
  /** How often the kernel's watchdog has reported this lockup so far. */
  readonly "kerntel.softlockup.verdicts": number;
  /** The kernel's own words, of its first verdict. */
  readonly "kerntel.softlockup.message"?: string;
  /** Inode number of the cgroup of the task that the CPU is stuck in. */
  readonly "kerntel.cgroup.id"?: string;
  /** Path of the cgroup of the task that the CPU is stuck in. */
  readonly "kerntel.cgroup.path"?: string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid"?: number;
  /** Kernel thread id, in the initial pid namespace. */
  readonly "thread.id": number;
  /** The kernel's name of the thread (comm). */
  readonly "thread.name": string;
  /** Stack, innermost function first, one line each. */
  readonly "code.stacktrace"?: string;
}

export const kerntelSoftlockupEvent = { name: "kerntel.softlockup", severity: 17 } as const;

/** Warnings, verdicts and recoveries; verdicts that repeat are counted too. */
export const kerntelSoftlockupReports: MetricDefinition<{
  /** What is said of the lockup. */
  readonly "kerntel.softlockup.kind": "warning" | "verdict" | "recovery";
}> = {
  name: "kerntel.softlockup.reports",
  unit: "{report}",
  description: "Warnings, verdicts and recoveries; verdicts that repeat are counted too.",
  instrument: "counter",
};
