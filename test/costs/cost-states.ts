/** How the kernel half of an event is brought into its states, for the table of costs: `events/<name>/kernel.costs.ts`. */

/** Fixed work, in `guest/*-workloads.c`; `count` is in the unit that its name says. */
export type Workload =
  | "tcp-round-trip"
  | "datagram-round-trip"
  | "closed-port"
  | "closed-port-new-namespace"
  | "retransmission"
  | "fork-exec"
  | "cgroup-life"
  | "page-cache"
  | "out-of-memory"
  | "out-of-memory-again"
  | "hung-task"
  | "spin"
  | "sleep"
  | "command";

export interface CostState {
  /**
   * `below`: nothing to report, or counted only; `limited`: reported if the limit allowed it; `record`: a record is
   * submitted.
   */
  readonly state: "below" | "limited" | "record";
  readonly workload: Workload;
  /** How often; without it 200 for `record`, because nobody reads the ring meanwhile, and 2,000 for the others. */
  readonly count?: number;
  /** How often before anything is counted; 20 without it. */
  readonly warmUp?: number;
  /** Variables that the kernel half marks with SETTING, while the workload runs. */
  readonly settings?: Readonly<Record<string, number>>;
  /** What the workload `command` runs in busybox's shell, in the root of the project. */
  readonly command?: string;
  /** The event goes on working meanwhile, for programs that it runs itself; otherwise it is stopped. */
  readonly isEventRunning?: boolean;
  /** Which programs this is a state of; all of the event that the workload hits without it. */
  readonly programs?: readonly string[];
}

export interface Costs {
  readonly states: readonly CostState[];
  /** Why a program has no state, by its name. */
  readonly notMeasured?: Readonly<Record<string, string>>;
}
