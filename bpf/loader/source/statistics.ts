/** Run time and counts of programs, which the kernel keeps only while somebody asks for them. */
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";

export interface ProgramStatistics {
  readonly id: number;
  /** Number of runs since load while statistics were on. */
  readonly runCount: bigint;
  readonly runTimeNs: bigint;
  /** Runs that were skipped because the program was already running on that CPU (Linux 5.12). */
  readonly recursionMisses: bigint;
  /** Instructions that the verifier looked at (Linux 5.16): its measure of complexity. */
  readonly verifiedInstructions: number;
}

const failed = { code: "BPF_STATISTICS_FAILED", phase: "statistics" } as const;

/**
 * Turns the counting of run time on, for all programs of the machine, until disposed. It costs two clock reads a run;
 * the kernel turns it off by itself when the process ends. Throws `BPF_STATISTICS_FAILED` (needs CAP_SYS_ADMIN).
 */
export function enableStatistics(): Disposable {
  const handle = attempt(
    { ...failed, failure: "Run statistics could not be turned on", capabilities: ["CAP_SYS_ADMIN"] },
    () => native().statistics_enable(),
  );
  return { [Symbol.dispose]: () => native().statistics_disable(handle) };
}

/** Of the program behind a file descriptor, also of one that somebody else loaded. */
export function readStatistics(fd: number): ProgramStatistics {
  return attempt({ ...failed, failure: "Statistics of a program could not be read" }, () =>
    native().statistics_read(fd),
  );
}
