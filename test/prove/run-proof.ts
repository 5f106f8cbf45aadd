/** Runs the repetitions of a proof that are still to be done. */
import type { ProofLog } from "./proof-log.ts";
import type { ProofPart } from "./proof-part.ts";

export interface RunProofOptions {
  readonly part: ProofPart;
  readonly log: ProofLog;
  /** Of each case at most; what the case says where left out. */
  readonly repetitions?: number;
  /** One line for people for each repetition. */
  readonly write: (line: string) => void;
}

/** Never throws for a repetition that fails: it is written down, and the next one runs. Returns how many failed. */
export async function runProof({ part, log, repetitions, write }: RunProofOptions): Promise<number> {
  let failed = 0;
  for (const proofCase of part.cases) {
    const count = Math.min(proofCase.repetitions, repetitions ?? proofCase.repetitions);
    for (let repetition = 0; repetition < count; repetition++) {
      if (log.isDone(proofCase.name, repetition)) continue;
      const startMs = performance.now();
      const outcome = await attempt(() => proofCase.run(repetition));
      const durationMs = Math.round(performance.now() - startMs);
      log.add({ case: proofCase.name, repetition, durationMs, ...outcome });
      if (outcome.failure !== undefined) failed += 1;
      write(
        `${proofCase.name} ${repetition + 1}/${count}: ${outcome.failure ?? JSON.stringify(outcome.counts)}, ${durationMs} ms\n`,
      );
    }
  }
  return failed;
}

type Counts = Awaited<ReturnType<ProofPart["cases"][number]["run"]>>;

async function attempt(
  run: () => Counts | Promise<Counts>,
): Promise<{ readonly counts: Counts; readonly failure?: string }> {
  try {
    return { counts: await run() };
  } catch (error) {
    return { counts: {}, failure: error instanceof Error ? error.message : String(error) };
  }
}
