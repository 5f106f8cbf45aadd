/** Where an event stands, why, and since when. */

export type EventState = "starting" | "running" | "restarting" | "unsupported" | "disabled" | "failed";

export interface EventStatus {
  readonly state: EventState;
  /** Why it is not running; empty while it is. */
  readonly reason: string;
  /** Where it is attached, for instance `tp_btf/mark_victim`; empty while it is not. */
  readonly hook: string;
  readonly since: Date;
}

/** States in which an event will not change by itself, or works: what a start waits for. */
export function isSettled(state: EventState): boolean {
  return state !== "starting";
}
