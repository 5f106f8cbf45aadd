/**
 * The budget of file descriptors: connections from outside may use what the local log and the control socket leave, and
 * never what those two need.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";

/** Of the local log: the segment that is written and the one before it, cursors, a compaction, and segments being read. */
const OF_LOCAL_LOG = 48;
const OF_CONTROL_SOCKET = 16;

/** How many descriptors stay free where a connection of the control socket is taken, or one of another server. */
export const spareDescriptors: { readonly control: number; readonly others: number } = {
  control: OF_LOCAL_LOG,
  others: OF_LOCAL_LOG + OF_CONTROL_SOCKET,
};

/** What to do where there are too few, as the end of a sentence. */
export const howToRaise = "raise its limit of open files (`LimitNOFILE=`, `ulimit -n`) to 1024";

let limit: number | undefined;

/**
 * How many descriptors this process may still open; `Infinity` without /proc or without a limit. Node raised the limit to the
 * hard one when it started (PlatformInit in src/node.cc).
 */
export function countFreeDescriptors(): number {
  try {
    limit ??= readDescriptorLimit(readFileSync("/proc/self/limits", "utf8"));
    return Math.max(0, limit - countOpen());
  } catch (error) {
    // Where not even this file can be opened, nothing is left.
    const isExhausted = ["EMFILE", "ENFILE"].includes((error as NodeJS.ErrnoException).code ?? "");
    return isExhausted ? 0 : Number.POSITIVE_INFINITY;
  }
}

/** The soft limit in the text of /proc/PID/limits. */
export function readDescriptorLimit(text: string): number {
  return Number(/^Max open files +(\d+)/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
}

function countOpen(): number {
  // From Linux 6.2 on the directory's size is their number (fs/proc/fd.c).
  const { size } = statSync("/proc/self/fd");
  return size > 0 ? size : readdirSync("/proc/self/fd").length - 1;
}
