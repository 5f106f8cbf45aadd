/** What most records say of the task that they are about; READ_TASK of bpf/include/task.h fills these fields. */
import type { Subject } from "./subject.ts";

export interface TaskPlace {
  readonly cgroupId: bigint;
  /** As of `CgroupSubject`. */
  readonly cgroup: string;
}

export interface TaskNames {
  /** Of the process, in the initial pid namespace. */
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
}

/** The container of the task. */
export function taskSubject({ cgroupId, cgroup }: TaskPlace): Subject {
  return { kind: "cgroup", id: cgroupId, path: cgroup };
}

export function taskAttributes({ pid, tid, comm }: TaskNames): {
  readonly "process.pid": number;
  readonly "thread.id": number;
  readonly "thread.name": string;
} {
  return { "process.pid": pid, "thread.id": tid, "thread.name": comm };
}
