/**
 * What becomes of an error that nothing caught: it is counted, reported with where it came from, and its part is
 * restarted. Everything else goes on.
 */
import { createEventLog } from "../tracing/event-log.ts";
import type { EventLog } from "../tracing/contract.ts";
import { currentPart, runInPart } from "./part.ts";
import type { Part } from "./part.ts";

export interface UncaughtCount {
  readonly kind: Part["kind"];
  /** `""` for a part that has none. */
  readonly name: string;
  readonly count: number;
}

/** An error outside of every part. There is nothing to restart. */
const other: Part = { kind: "other", restart: () => {} };

/** What callers need of it; tests put another in its place. */
export type UncaughtReporter = Pick<UncaughtErrors, "report" | "guard">;

export class UncaughtErrors implements Disposable {
  readonly #counts = new Map<string, UncaughtCount>();
  readonly #log: EventLog;

  /** Until disposed an uncaught exception or an unhandled rejection does not end the process. */
  constructor(write: (line: string) => void) {
    this.#log = createEventLog({ name: "uncaught error", write });
    process.on("uncaughtException", this.#take);
    process.on("unhandledRejection", this.#take);
  }

  [Symbol.dispose](): void {
    process.off("uncaughtException", this.#take);
    process.off("unhandledRejection", this.#take);
  }

  /** Counts and reports the error, and restarts the part. */
  report(part: Part, error: unknown): void {
    this.#count(part, error);
    try {
      part.restart(error);
    } catch (failure) {
      // Thrown on from here it would end the process, because nothing is left that could catch it.
      this.#count(part, failure);
    }
  }

  /** Runs `act` as the part; what it throws is reported, and `undefined` returned. */
  guard<Result>(part: Part, act: () => Result): Result | undefined {
    try {
      return runInPart(part, act);
    } catch (error) {
      this.report(part, error);
      return undefined;
    }
  }

  counts(): readonly UncaughtCount[] {
    return [...this.#counts.values()];
  }

  #count({ kind, name = "" }: Part, error: unknown): void {
    const key = `${kind} ${name}`;
    this.#counts.set(key, { kind, name, count: (this.#counts.get(key)?.count ?? 0) + 1 });
    const { text, place } = describe(error);
    // Once for each place: a message may have a number in it that is never the same.
    this.#log.warn(`${key.trim()}${place}`, text);
  }

  readonly #take = (error: unknown): void => {
    this.report(currentPart() ?? other, error);
  };
}

/** The error in one line, and the first line of its stack that is not Node's own. Never throws, whatever was thrown. */
function describe(error: unknown): { readonly text: string; readonly place: string } {
  try {
    if (!(error instanceof Error)) return { text: String(error), place: "" };
    const frames = String(error.stack)
      .split("\n")
      .filter((line) => /^\s+at /.test(line));
    const frame = frames.find((line) => !line.includes("node:")) ?? frames[0];
    const place = frame === undefined ? "" : `, ${frame.trim().replace("file://", "")}`;
    return { text: `${error.name}: ${error.message}`, place };
  } catch {
    return { text: "an object that cannot be turned into text", place: "" };
  }
}
