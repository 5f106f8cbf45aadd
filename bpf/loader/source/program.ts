/** A loaded program, valid as long as its object. */
import { refuse, requireCount } from "./argument.ts";
import type { Lifetime } from "./lifetime.ts";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";
import { readStatistics } from "./statistics.ts";
import type { ProgramStatistics } from "./statistics.ts";

export interface RunOptions {
  /**
   * What the program gets: the arguments of a raw tracepoint as 64-bit words, the structure of a `syscall` program,
   * which it may change.
   */
  readonly context?: Uint8Array;
  /** What a program for packets gets: a frame from its Ethernet header on. */
  readonly packet?: Uint8Array;
  /** How often; once without it. */
  readonly repeat?: number;
}

export interface RunResult {
  /** Of the last run. */
  readonly returnValue: number;
  /** Mean of one run, with the system call that starts it. */
  readonly durationNs: number;
}

interface ProgramParts {
  readonly name: string;
  readonly fd: number;
  readonly lifetime: Lifetime;
}

export class Program {
  readonly name: string;
  readonly #fd: number;
  readonly #lifetime: Lifetime;

  /** Use `LoadedObject.program`. */
  constructor({ name, fd, lifetime }: ProgramParts) {
    this.name = name;
    this.#fd = fd;
    this.#lifetime = lifetime;
  }

  get fd(): number {
    this.#lifetime.check("run");
    return this.#fd;
  }

  /** The kernel's number of the program, as `bpftool prog` shows it. */
  get id(): number {
    return this.statistics().id;
  }

  /** Runs it by hand (BPF_PROG_RUN), for types that can be: raw_tp, syscall, xdp, … Throws `BPF_RUN_FAILED`. */
  run({ context, packet, repeat = 1 }: RunOptions = {}): RunResult {
    requireCount("repeat", repeat, "run");
    if (context !== undefined && !(context instanceof Uint8Array))
      throw refuse("context", "a Uint8Array", context, "run");
    if (packet !== undefined && !(packet instanceof Uint8Array))
      throw refuse("packet", "a Uint8Array", packet, "run");
    const failure = `Program ${this.name} could not be run`;
    return attempt({ code: "BPF_RUN_FAILED", phase: "run", failure, program: this.name }, () =>
      native().program_run(this.fd, context ?? null, repeat, packet ?? null),
    );
  }

  /** Throws `BPF_STATISTICS_FAILED`. Counts stay zero while `enableStatistics` is not in force. */
  statistics(): ProgramStatistics {
    return readStatistics(this.fd);
  }
}
