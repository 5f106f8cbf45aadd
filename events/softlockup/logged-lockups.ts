/** Verdicts that are only to be had from the kernel's log, brought together with what the kernel half says of the CPU. */
import type { KernelLogRecord } from "#receiver/tracing/contract.ts";
import { kinds } from "./describe.ts";
import type { SoftlockupRecord } from "./record.generated.ts";
import { isVerdict, parseVerdict } from "./verdict.ts";

/** What is told where nothing but the kernel's words is known: no CPU has this number. */
const unknown: SoftlockupRecord = {
  time: 0,
  elapsed: 0,
  pause: 0,
  isMeasured: 0,
  threshold: 0,
  cgroupId: 0n,
  stack: [],
  cpu: 0xffff_ffff,
  pid: 0,
  tid: 0,
  verdicts: 0,
  kind: kinds.indexOf("verdict"),
  comm: "",
  message: "",
  cgroup: "",
};

interface Lockup {
  readonly tid: number;
  readonly elapsed: number;
  readonly verdicts: number;
}

export class LoggedLockups {
  /** Of all lockups, repeats among them. */
  verdicts = 0;
  readonly #lockups = new Map<number, Lockup>();
  readonly #warnings = new Map<number, SoftlockupRecord>();

  /** A record of the kernel half, with the verdicts that it could not know of. */
  complete(record: SoftlockupRecord): SoftlockupRecord {
    const { cpu, kind } = record;
    if (kinds[kind] === "warning") this.#warnings.set(cpu, record);
    if (kinds[kind] !== "recovery") return record;
    const logged = this.#lockups.get(cpu)?.verdicts ?? 0;
    this.#warnings.delete(cpu);
    this.#lockups.delete(cpu);
    return { ...record, verdicts: record.verdicts + logged };
  }

  /** The verdict in a line of the log; `repeat` where it was told already, undefined where there is none. */
  judge({ facility, text }: KernelLogRecord, time: number): SoftlockupRecord | "repeat" | undefined {
    // Lines of processes have another facility than the kernel's.
    const verdict = facility === 0 && isVerdict(text) ? parseVerdict(text) : undefined;
    if (verdict === undefined) return undefined;
    const { cpu, tid, elapsed } = verdict;
    const earlier = this.#lockups.get(cpu);
    // The kernel counts on while the lockup lasts.
    const isRepeat = earlier?.tid === tid && elapsed > earlier.elapsed;
    this.verdicts++;
    this.#lockups.set(cpu, { tid, elapsed, verdicts: isRepeat ? earlier.verdicts + 1 : 1 });
    if (isRepeat) return "repeat";
    const warning = this.#warnings.get(cpu);
    // The warning knows whose process it is; its stack is of another moment.
    const known = warning?.tid === tid ? { ...warning, isMeasured: 0, stack: [] } : unknown;
    return { ...known, kind: unknown.kind, time, verdicts: 1, message: text };
  }
}
