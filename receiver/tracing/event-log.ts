/**
 * Lines for people on stderr; a line that repeats is written once a minute with how often it came meanwhile, and no more
 * than some dozens of different ones are.
 */
import { inspect } from "node:util";
import type { EventLog } from "./contract.ts";

const REPEAT_AFTER_MS = 60_000;
/** Distinct messages remembered; an event that makes up new messages for ever must not fill the memory. */
const MESSAGES = 1_000;
/** Distinct messages written in a minute: one with a number that is never the same must not fill the console. */
const LINES = 60;

export interface EventLogOptions {
  readonly name: string;
  readonly write: (line: string) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs?: () => number;
}

interface Said {
  atMs: number;
  silent: number;
}

export function createEventLog(options: EventLogOptions): EventLog {
  const said = new Map<string, Said>();
  let [minuteBeganMs, lines, leftOut] = [Number.NEGATIVE_INFINITY, 0, 0];
  const nowMs = options.nowMs ?? ((): number => performance.now());
  return {
    info: (message) => {
      options.write(`kerntel: ${options.name}: ${message}\n`);
    },
    warn: (message, cause) => {
      const last = said.get(message);
      const atMs = nowMs();
      if (last !== undefined && atMs - last.atMs < REPEAT_AFTER_MS) {
        last.silent++;
        return;
      }
      if (atMs - minuteBeganMs >= REPEAT_AFTER_MS) [minuteBeganMs, lines] = [atMs, 0];
      if (lines >= LINES) {
        leftOut++;
        return;
      }
      lines++;
      if (said.size >= MESSAGES) said.clear();
      said.set(message, { atMs, silent: 0 });
      const repeats =
        last !== undefined && last.silent > 0 ? ` (${last.silent} more in the last minute)` : "";
      const others = leftOut > 0 ? ` (${leftOut} other warnings were left out before this one)` : "";
      leftOut = 0;
      options.write(`kerntel: ${options.name}: ${message}${describeCause(cause)}${repeats}${others}\n`);
    },
  };
}

function describeCause(cause: unknown): string {
  if (cause === undefined) return "";
  if (typeof cause === "string") return `: ${cause}`;
  return `: ${cause instanceof Error ? cause.message : inspect(cause)}`;
}
