// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A task waited long because it had to free memory itself, or freed that of a cgroup whose file it wrote. */
export interface KerntelMemreclaimAttributes {
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid"?: number;
  /** When the process was started, RFC 3339; with the pid it names one process. */
  readonly "process.creation.time"?: string;
  /** Kernel thread id, in the initial pid namespace. */
  readonly "thread.id"?: number;
  /** The kernel's name of the thread (comm). */
  readonly "thread.name"?: string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Stack, innermost function first, one line each. */
  readonly "code.stacktrace"?: string;
  /** What the task waited for. */
  readonly "kerntel.memreclaim.kind":
    | "direct"
    | "memcg"
    | "compaction"
    | "memory_high"
    | "memory_max_write"
    | "memory_high_write"
    | "memory_reclaim";
  /** How long the task waited, in seconds. */
  readonly "kerntel.duration": number;
  /** Two to the power of this is the number of pages in a row that were asked for. */
  readonly "kerntel.memreclaim.order"?: number;
  /** What the pages were for and what was allowed to get them, in the kernel's names. */
  readonly "kerntel.memreclaim.gfp.flags"?: string;
  /** The same as the number that it is, hexadecimal. */
  readonly "kerntel.memreclaim.gfp.mask"?: string;
  /** Pages that were freed in this time. */
  readonly "kerntel.memreclaim.reclaimed"?: number;
  /** How the compaction ended, in the kernel's words. */
  readonly "kerntel.memreclaim.compaction.result"?: string;
  /** Inode number of the task's cgroup. */
  readonly "kerntel.cgroup.id"?: string;
  /** Path of the task's cgroup below the root of its hierarchy. */
  readonly "kerntel.cgroup.path"?: string;
  /** Inode number of the memory cgroup at its limit, or of the one that is reclaimed because its file was written. */
  readonly "kerntel.memory_cgroup.id"?: string;
  /** Path of that cgroup below the root of its hierarchy. */
  readonly "kerntel.memory_cgroup.path"?: string;
  /** Limit of that cgroup, in bytes. */
  readonly "kerntel.memory_cgroup.limit"?: number;
  /** Memory charged to that cgroup when the wait had ended, in bytes. */
  readonly "kerntel.memory_cgroup.usage"?: number;
  /** How the memory cgroup was found that the record names as the one at its limit. */
  readonly "kerntel.memory_cgroup.source"?: "kernel" | "derived" | "derived_partially";
  /** Process that wrote to a file of the cgroup, in the initial pid namespace. */
  readonly "kerntel.writer.process.pid"?: number;
  /** When that process was started, RFC 3339; with the pid it names one process. */
  readonly "kerntel.writer.process.creation.time"?: string;
  /** Thread that wrote. */
  readonly "kerntel.writer.thread.id"?: number;
  /** The kernel's name of that thread (comm). */
  readonly "kerntel.writer.thread.name"?: string;
  /** Inode number of the cgroup of the thread that wrote. */
  readonly "kerntel.writer.cgroup.id"?: string;
  /** Path of that cgroup below the root of its hierarchy. */
  readonly "kerntel.writer.cgroup.path"?: string;
}

export const kerntelMemreclaimEvent = { name: "kerntel.memreclaim", severity: 13 } as const;

/** How long tasks waited because they had to free memory themselves, all of them, by kind and container. */
export const kerntelMemreclaimDuration: MetricDefinition<{
  /** What the task waited for. */
  readonly "kerntel.memreclaim.kind":
    | "direct"
    | "memcg"
    | "compaction"
    | "memory_high"
    | "memory_max_write"
    | "memory_high_write"
    | "memory_reclaim";
  /** Id of the container, as its runtime gave it. */
  readonly "container.id"?: string;
  /** True on the one series of what had no room for a series of its own. */
  readonly "otel.metric.overflow"?: boolean;
}> = {
  name: "kerntel.memreclaim.duration",
  unit: "s",
  description:
    "How long tasks waited because they had to free memory themselves, all of them, by kind and container.",
  instrument: "histogram",
};

/** Waits whose beginning found no memory to be kept in, or whose end the kernel did not show. */
export const kerntelMemreclaimUnmeasured: MetricDefinition<Record<string, never>> = {
  name: "kerntel.memreclaim.unmeasured",
  unit: "{wait}",
  description: "Waits whose beginning found no memory to be kept in, or whose end the kernel did not show.",
  instrument: "counter",
};
