/** The kernel's watchdog for CPUs that are stuck, made impatient for a while. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const path = "/proc/sys/kernel/watchdog_thresh";

/** Soft lockups are then reported after twice as many seconds. Throws where the kernel has no watchdog, or it is off. */
export function hurryWatchdog(thresholdSeconds: number): Disposable {
  if (!existsSync(path) || readFileSync("/proc/sys/kernel/soft_watchdog", "utf8").trim() !== "1")
    throw new Error(
      "the kernel has no watchdog for soft lockups (CONFIG_SOFTLOCKUP_DETECTOR, kernel.watchdog)",
    );
  const before = readFileSync(path, "utf8");
  const restore = (): void => {
    process.off("exit", restore);
    writeFileSync(path, before);
  };
  // Also when the test ends without cleaning up.
  process.on("exit", restore);
  writeFileSync(path, String(thresholdSeconds));
  return { [Symbol.dispose]: restore };
}
