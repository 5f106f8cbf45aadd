/** The repetitions that are done, one line of JSON each, so that a proof that was ended goes on where it was. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ProofCounts } from "./proof-part.ts";

/** What ties a repetition to what it proves something about. */
export interface ProofSetting {
  /** Release of the running kernel. */
  readonly kernel: string;
  /** Commit, with `+` behind it where the tree had changes that are in no commit. */
  readonly commit: string;
}

export interface ProofEntry extends ProofSetting {
  readonly case: string;
  readonly repetition: number;
  readonly durationMs: number;
  readonly counts: ProofCounts;
  /** Why the repetition failed; left out where it passed. */
  readonly failure?: string;
}

export class ProofLog {
  readonly #path: string;
  readonly #setting: ProofSetting;
  readonly #entries: ProofEntry[];

  constructor(path: string, setting: ProofSetting) {
    this.#path = path;
    this.#setting = setting;
    this.#entries = readEntries(path).filter((entry) => isOf(entry, setting));
  }

  /** Of this kernel and commit; failed ones are left out, so that they are done again. */
  isDone(name: string, repetition: number): boolean {
    return this.entries().some(
      (entry) => entry.case === name && entry.repetition === repetition && entry.failure === undefined,
    );
  }

  /** The last of each repetition. */
  entries(): readonly ProofEntry[] {
    return [...new Map(this.#entries.map((entry) => [`${entry.case}\0${entry.repetition}`, entry])).values()];
  }

  add(entry: Omit<ProofEntry, keyof ProofSetting>): void {
    const whole = { ...this.#setting, ...entry };
    this.#entries.push(whole);
    mkdirSync(dirname(this.#path), { recursive: true });
    appendFileSync(this.#path, `${JSON.stringify(whole)}\n`);
  }
}

function isOf(entry: ProofEntry, { kernel, commit }: ProofSetting): boolean {
  return entry.kernel === kernel && entry.commit === commit;
}

/** A line that was cut when the proof was killed is as if it had not been written. */
function readEntries(path: string): ProofEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as ProofEntry];
      } catch {
        return [];
      }
    });
}
