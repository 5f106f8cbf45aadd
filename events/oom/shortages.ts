/** Victims of one shortage, on a kernel whose `out_of_memory` cannot be hooked. */
import { memoryLimitSource } from "#receiver/tracing/memory-limit.ts";
import type { OomRecord } from "./record.generated.ts";

/** Where `oom_kill_process` kills the others of a group with memory.oom.group, mm/oom_kill.c. */
const GROUP_MEMBER = "oom_kill_memcg_member";

/**
 * Gives each member of a group the limit that was derived for the victim before it. The kernel holds oom_lock while it
 * kills a group, so what one task kills in a row is of one shortage; and each victim's memory that is freed meanwhile
 * makes the limit that was met look like one with room.
 */
export class Shortages {
  #previous: OomRecord | undefined;

  /** `stack`: that of the record, in words. */
  complete(record: OomRecord, stack: string): OomRecord {
    const previous = this.#previous;
    const isDerived = memoryLimitSource(record.limitSource) !== "kernel";
    const isSame =
      isDerived &&
      stack.includes(GROUP_MEMBER) &&
      previous?.triggerTid === record.triggerTid &&
      previous.triggerPid === record.triggerPid;
    const { limitCgroupId, limitCgroup, limitPages, usagePages, limitSource } = isSame ? previous : record;
    const completed = { ...record, limitCgroupId, limitCgroup, limitPages, usagePages, limitSource };
    this.#previous = completed;
    return completed;
  }
}
