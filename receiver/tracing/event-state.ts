/** Where an event stands, why, and since when. */

export type EventState = "starting" | "running" | "restarting" | "unsupported" | "disabled" | "failed";

export interface EventStatus {
  readonly state: EventState;
  /** Why it is not running; of one that is, what it does not see on this kernel, or empty. */
  readonly reason: string;
  /** Where it is attached, for instance `tp_btf/mark_victim`; empty while it is not. */
  readonly hook: string;
  readonly since: Date;
}

/** States in which an event will not change by itself, or works: what a start waits for. */
export function isSettled(state: EventState): boolean {
  return state !== "starting";
}

/** Both in words, for a table: a running event may have both. */
export function hookOrReason({ hook, reason }: Pick<EventStatus, "hook" | "reason">): string {
  return [hook, reason].filter((part) => part !== "").join("; ");
}
