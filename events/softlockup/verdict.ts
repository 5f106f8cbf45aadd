/** What the kernel says of a soft lockup: `watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [comm:4711]`. */

export interface Verdict {
  readonly cpu: number;
  readonly elapsed: number;
  readonly comm: string;
  readonly tid: number;
}

/** kernel/watchdog.c, watchdog_timer_fn, with 32-bit numbers. A comm may have any character, so its end is the last colon. */
const line = /CPU#(?<cpu>\d{1,10}) stuck for (?<seconds>\d{1,10})s! \[(?<comm>.*):(?<tid>\d{1,10})\]/s;

/** As the kernel half knows the line. */
export function isVerdict(text: string): boolean {
  return text.startsWith("watchdog: BUG: soft lockup");
}

/** `undefined` for words of another form, and for none. */
export function parseVerdict(message: string): Verdict | undefined {
  const { cpu, seconds, comm, tid } = line.exec(message)?.groups ?? {};
  if (cpu === undefined || seconds === undefined || comm === undefined || tid === undefined) return undefined;
  return { cpu: Number(cpu), elapsed: Number(seconds) * 1e9, comm, tid: Number(tid) };
}
