// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "#receiver/tracing/contract.ts";

/** The kernel marked processes as the victims of a memory shortage. */
export interface KerntelOomAttributes {
  /** Class of the failure. */
  readonly "error.type": string;
  /** Process id (thread group id), in the initial pid namespace. */
  readonly "process.pid": number;
  /** When the process was started, RFC 3339; with the pid it names one process. */
  readonly "process.creation.time": string;
  /** The kernel's name of the thread (comm). */
  readonly "thread.name": string;
  /** Number of the CPU, from 0. */
  readonly "cpu.logical_number": number;
  /** Stack, innermost function first, one line each. */
  readonly "code.stacktrace"?: string;
  /** What the kernel did with the victim. */
  readonly "kerntel.oom.action"?: "kill" | "reserves";
  /** What the shortage was confined to. */
  readonly "kerntel.oom.constraint"?: "none" | "cpuset" | "memory_policy" | "memcg";
  /** Inode number of the memory cgroup whose limit was met. */
  readonly "kerntel.memory_cgroup.id"?: string;
  /** Path of that cgroup below the root of its hierarchy. */
  readonly "kerntel.memory_cgroup.path"?: string;
  /** Memory limit of that cgroup, `memory.max`, in bytes. */
  readonly "kerntel.memory_cgroup.limit"?: number;
  /** Memory charged to that cgroup when the kernel gave up finding room in it, in bytes. */
  readonly "kerntel.memory_cgroup.usage"?: number;
  /** How the memory cgroup was found that the record names as the one at its limit. */
  readonly "kerntel.memory_cgroup.source"?: "kernel" | "derived" | "derived_partially";
  /** The shortage that the victim died of; the same in all records of it, unique with `kerntel.boot.id`. */
  readonly "kerntel.oom.shortage.id": string;
  /** Whether the log record is the first or the last of its shortage. */
  readonly "kerntel.oom.shortage.state": "begun" | "ended";
  /** How many victims the log record stands for. */
  readonly "kerntel.count": number;
  /** How long the shortage lasted, in seconds: from its first victim to its last. */
  readonly "kerntel.duration"?: number;
  /** Inode number of the victim's cgroup. */
  readonly "kerntel.victim.cgroup.id": string;
  /** Path of the victim's cgroup below the root of its hierarchy, as it was at the kill. */
  readonly "kerntel.victim.cgroup.path": string;
  /** Real user id of the process. */
  readonly "process.real_user.id": number;
  /** The victim's oom_score_adj, from -1000 (never kill) to 1000 (kill first). */
  readonly "kerntel.oom.victim.oom_score_adj": number;
  /** Anonymous memory resident in the victim, in bytes. */
  readonly "kerntel.oom.victim.memory.anonymous": number;
  /** File-backed memory resident in the victim, in bytes. */
  readonly "kerntel.oom.victim.memory.file": number;
  /** Shared memory (tmpfs, System V, shared anonymous) resident in the victim, in bytes. */
  readonly "kerntel.oom.victim.memory.shmem": number;
  /** Memory of the victim that is swapped out, in bytes. */
  readonly "kerntel.oom.victim.memory.swap": number;
  /** Memory taken by the victim's page tables, in bytes. */
  readonly "kerntel.oom.victim.memory.page_tables": number;
  /** Address space mapped by the victim, in bytes. */
  readonly "kerntel.oom.victim.memory.virtual": number;
  /** Process that asked for the memory, in the initial pid namespace. */
  readonly "kerntel.trigger.process.pid": number;
  /** Thread that asked for the memory. */
  readonly "kerntel.trigger.thread.id": number;
  /** The kernel's name of that thread (comm). */
  readonly "kerntel.trigger.thread.name": string;
  /** Inode number of the cgroup of the thread that asked. */
  readonly "kerntel.trigger.cgroup.id": string;
  /** Path of that cgroup below the root of its hierarchy. */
  readonly "kerntel.trigger.cgroup.path": string;
}

export const kerntelOomEvent = { name: "kerntel.oom", severity: 17 } as const;

/** Processes that became victims of a memory shortage. */
export const kerntelOomKills: MetricDefinition<Record<string, never>> = {
  name: "kerntel.oom.kills",
  unit: "{process}",
  description: "Processes that became victims of a memory shortage.",
  instrument: "counter",
};
