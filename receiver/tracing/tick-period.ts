/** How far ticks are apart on the running kernel (CONFIG_HZ), which it tells nobody: measured by bpf/include/clocks.h. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadedEvent } from "./contract.ts";

/** Long enough to tell 250 from 300 ticks a second. */
const MEASURED_MS = 250;
/** CONFIG_HZ=100, the slowest there is. */
export const LONGEST_PERIOD_NS = 10_000_000;

type Clocks = Readonly<Record<"clock_jiffies" | "clock_ns", bigint>>;

/** What `unattachedPrograms` of an event must name. */
export const CLOCK_PROGRAM = "read_clocks";

/** Nanoseconds; the longest period where the jiffies stood still or the run ended meanwhile. */
export async function measureTickPeriod(loaded: LoadedEvent, signal: AbortSignal): Promise<number> {
  const before = readClocks(loaded);
  try {
    await sleep(MEASURED_MS, undefined, { signal });
  } catch {
    return LONGEST_PERIOD_NS;
  }
  return tickPeriod(before, readClocks(loaded));
}

export function tickPeriod(before: Clocks, after: Clocks): number {
  const jiffies = Number(after.clock_jiffies - before.clock_jiffies);
  const elapsedNs = Number(after.clock_ns - before.clock_ns);
  return jiffies <= 0 ? LONGEST_PERIOD_NS : Math.min(Math.round(elapsedNs / jiffies), LONGEST_PERIOD_NS);
}

function readClocks(loaded: LoadedEvent): Clocks {
  loaded.run(CLOCK_PROGRAM);
  return loaded.map(".data.clocks").lookup(0) as Clocks;
}
