/** Lines for people on stderr; a line that repeats is said once a minute with how often it came meanwhile. */
import { inspect } from "node:util";
import type { EventLog } from "./contract.ts";

const REPEAT_AFTER_MS = 60_000;
/** Distinct messages remembered; an event that makes up new messages for ever must not fill the memory. */
const MESSAGES = 1_000;

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
      if (said.size >= MESSAGES) said.clear();
      said.set(message, { atMs, silent: 0 });
      const repeats =
        last !== undefined && last.silent > 0 ? ` (${last.silent} more in the last minute)` : "";
      options.write(`kerntel: ${options.name}: ${message}${describeCause(cause)}${repeats}\n`);
    },
  };
}

function describeCause(cause: unknown): string {
  if (cause === undefined) return "";
  return `: ${cause instanceof Error ? cause.message : inspect(cause)}`;
}
