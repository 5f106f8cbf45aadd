// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** A task has been blocked for too long and cannot be interrupted. */
export interface KerntelHungtaskAttributes {
  /** Class of the failure. */
  readonly "error.type": string;
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid": number;
  /** When the process was started, RFC 3339; with the pid it names one process. */
  readonly "process.creation.time": string;
  /** Kernel thread id, in the initial pid namespace. */
  readonly "thread.id": number;
  /** The kernel's name of the thread (comm). */
  readonly "thread.name": string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Stack, innermost function first, one line each. */
  readonly "code.stacktrace"?: string;
  /** Who found the task. */
  readonly "kerntel.hungtask.detector": "scan" | "kernel";
  /** How long the task was blocked when it was found, in seconds. */
  readonly "kerntel.duration": number;
  /** Number of tasks that this record stands for. */
  readonly "kerntel.count": number;
  /** Function in which the task waits. */
  readonly "kerntel.hungtask.wait_channel"?: string;
  /** Inode number of the task's cgroup. */
  readonly "kerntel.cgroup.id": string;
  /** Path of the task's cgroup below the root of its hierarchy. */
  readonly "kerntel.cgroup.path": string;
  /** Kind of the lock that the task waits for. */
  readonly "kerntel.hungtask.lock"?: "mutex" | "semaphore" | "rwsem_read" | "rwsem_write";
  /** Process that holds the lock, in the initial pid namespace. */
  readonly "kerntel.holder.process.pid"?: number;
  /** Thread that holds the lock. */
  readonly "kerntel.holder.thread.id"?: number;
  /** The kernel's name of that thread (comm). */
  readonly "kerntel.holder.thread.name"?: string;
  /** Inode number of the holder's cgroup. */
  readonly "kerntel.holder.cgroup.id"?: string;
  /** Path of the holder's cgroup, which may be another container's. */
  readonly "kerntel.holder.cgroup.path"?: string;
}

export const kerntelHungtaskEvent = { name: "kerntel.hungtask", severity: 17 } as const;

/** Waits of tasks that were found hung; exact also when records are folded. */
export const kerntelHungtaskTasks: MetricDefinition<{
  /** Who found the task. */
  readonly "kerntel.hungtask.detector": "scan" | "kernel";
}> = {
  name: "kerntel.hungtask.tasks",
  unit: "{task}",
  description: "Waits of tasks that were found hung; exact also when records are folded.",
  instrument: "counter",
};

/** Tasks that were blocked for `threshold_ms` or longer at the last scan; absent while there are no scans. */
export const kerntelHungtaskBlocked: MetricDefinition<Record<string, never>> = {
  name: "kerntel.hungtask.blocked",
  unit: "{task}",
  description:
    "Tasks that were blocked for `threshold_ms` or longer at the last scan; absent while there are no scans.",
  instrument: "gauge",
};
