/** How many jiffies a second has (CONFIG_HZ), which the kernel tells nobody. */

/** kernel/Kconfig.hz, and arch/arm64, arch/alpha. */
const rates = [100, 128, 250, 256, 300, 1_000, 1_024, 1_200] as const;
/** INITIAL_JIFFIES, include/linux/jiffies.h: the counter begins 300 s before it passes 2^32. */
const WRAPS_AT_SECONDS = 300;
const WRAP = 2 ** 32;

/** `jiffies` as the kernel had it `monotonicNs` after it was started. Good from a moment before or after 300 s. */
export function findTickRate(jiffies: number, monotonicNs: number): number {
  const seconds = monotonicNs / 1e9 - WRAPS_AT_SECONDS;
  const missed = (rate: number): number => Math.abs(jiffies - (WRAP + rate * seconds));
  return rates.reduce<number>((best, rate) => (missed(rate) < missed(best) ? rate : best), rates[0]);
}
