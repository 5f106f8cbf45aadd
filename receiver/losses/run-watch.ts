/**
 * Follows one run for the next: notes every ten seconds that it lives and what it lost, and finds out from what the run
 * before noted how long nothing was watched.
 */
import type { FollowedLog } from "#exporters/contract.ts";
import { readBlindReport } from "#events/blind/report.ts";
import { createEventLog } from "../tracing/event-log.ts";
import type { EventLog } from "../tracing/contract.ts";
import { keyOf } from "../tracing/losses.ts";
import type { Downtime, Loss, LossTotal, ReceiverLosses } from "../tracing/losses.ts";
import { isSameBoot, noteInstant, recallInstant } from "./instant.ts";
import type { ClockReading } from "./instant.ts";
import { LossLedger } from "./loss-ledger.ts";
import type { EarlierLoss } from "./loss-ledger.ts";
import { readRunMark, writeRunMark } from "./run-mark.ts";
import type { RunMark } from "./run-mark.ts";

/** What a killed run may have watched at most without the next one knowing. */
const NOTE_EVERY_MS = 10_000;
/** One is reported as soon as the log takes records; a log that takes none for that many starts has the latest. */
const MOST_DOWNTIMES = 32;

export interface RunWatchOptions {
  readonly stateDirectory: string;
  readonly log: Pick<FollowedLog, "read" | "newestUid">;
  readonly collect: () => readonly LossTotal[];
  /** Of the last record that was settled as stored in this run. */
  readonly newestStored: () => string | undefined;
  readonly readClock: () => ClockReading;
  readonly write: (line: string) => void;
}

export class RunWatch implements ReceiverLosses {
  readonly #options: RunWatchOptions;
  readonly #ledger: LossLedger;
  readonly #log: EventLog;
  readonly #startUid: string;
  #downtimes: Downtime[] = [];
  /** Whether a mark has what the start added: the next run takes away only what a mark had, so nothing is reported before. */
  #isNoted = true;
  /** Of the run before, until this one's start is over. */
  #before: RunMark | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #endedAt: ClockReading | undefined;
  #isClosed = false;

  /** Before anything of this run is stored. Never rejects: what cannot be read is said and is then unknown. */
  static async open(options: RunWatchOptions): Promise<RunWatch> {
    const watch = new RunWatch(options);
    try {
      const mark = readRunMark(options.stateDirectory);
      if (mark !== undefined) await watch.#recall(mark);
    } catch (error) {
      watch.#log.warn("the end of the run before this one cannot be read", error);
    }
    return watch;
  }

  private constructor(options: RunWatchOptions) {
    this.#options = options;
    this.#ledger = new LossLedger(options.collect, () => options.readClock().bootNs);
    this.#log = createEventLog({ name: "run", write: options.write });
    this.#startUid = options.log.newestUid() ?? "";
  }

  async #recall(mark: RunMark): Promise<void> {
    const now = this.#options.readClock();
    const isSame = isSameBoot(mark, now);
    const losses = mark.losses.map(({ from, ...rest }) => ({
      ...rest,
      from: recallInstant(from, isSame, now),
    }));
    const downtimes = mark.downtimes.map(({ from, until, ...rest }) => ({
      ...rest,
      from: recallInstant(from, isSame, now),
      until: recallInstant(until, isSame, now),
    }));
    this.#before = mark;
    const left = await this.#withoutStored({ losses, downtimes }, mark.storedUid);
    this.#ledger.carryOver(left.losses);
    this.#downtimes = left.downtimes;
  }

  /** The run before may have been killed after its last records about losses were stored and before it noted that. */
  async #withoutStored(
    carried: { readonly losses: readonly EarlierLoss[]; readonly downtimes: readonly Downtime[] },
    after: string,
  ): Promise<{ losses: EarlierLoss[]; downtimes: Downtime[] }> {
    if (carried.losses.length + carried.downtimes.length === 0) return { losses: [], downtimes: [] };
    const said = new Map<string, number>();
    let downtimes = 0;
    for await (const batch of this.#options.log.read({ after, eventName: "kerntel.blind" })) {
      for (const { attributes } of batch) {
        const report = readBlindReport(attributes);
        if (report === undefined) downtimes += 1;
        else said.set(keyOf(report), (said.get(keyOf(report)) ?? 0) + report.count);
      }
    }
    const losses = carried.losses.map((loss) => ({
      ...loss,
      count: loss.count - (said.get(keyOf(loss)) ?? 0),
    }));
    // They are reported in their order.
    return { losses, downtimes: carried.downtimes.slice(downtimes) };
  }

  /** The start is over, and something of the kernel is watched: from here on the next run counts from this one. */
  begin(): void {
    this.#endStart();
    this.#timer = setInterval(() => void this.#note(), NOTE_EVERY_MS).unref();
    this.#isNoted = false;
    void this.#noteFirst();
  }

  /** The watch ends, in an orderly way. */
  noteEnd(): void {
    this.#endedAt = this.#options.readClock();
  }

  /** When every record is settled. Without `begin` the mark of the run before stays. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#note();
  }

  unreported(): readonly Loss[] {
    return this.#ledger.unreported();
  }

  downtimes(): readonly Downtime[] {
    this.#endStart();
    return this.#isNoted ? this.#downtimes : [];
  }

  reported(said: Loss | Downtime): void {
    if ("count" in said) this.#ledger.reported(said);
    else this.#downtimes = this.#downtimes.filter((downtime) => downtime !== said);
    if (this.#timer !== undefined) void this.#note();
  }

  #endStart(): void {
    const mark = this.#before;
    if (mark === undefined) return;
    this.#before = undefined;
    const now = this.#options.readClock();
    const isSame = isSameBoot(mark, now);
    const downtime: Downtime = {
      reason: isSame ? (mark.isStopped ? "restart" : "crash") : "reboot",
      isCleanStop: mark.isStopped,
      ...(isSame || mark.bootId === "" ? {} : { previousBootId: mark.bootId }),
      from: recallInstant(mark, isSame, now),
      until: now.bootNs,
    };
    this.#downtimes = [...this.#downtimes, downtime].slice(-MOST_DOWNTIMES);
  }

  async #noteFirst(): Promise<void> {
    await this.#note();
    this.#isNoted = true;
  }

  /** One after the other, each with what holds when its turn comes. */
  #note(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeMark());
    return this.#writing;
  }

  async #writeMark(): Promise<void> {
    const now = this.#options.readClock();
    try {
      await writeRunMark(this.#options.stateDirectory, {
        ...(this.#endedAt ?? now),
        // Killed while it stores the last records, it did not end by itself.
        isStopped: this.#isClosed,
        storedUid: this.#options.newestStored() ?? this.#startUid,
        losses: this.#ledger.note(now),
        downtimes: this.#downtimes.map(({ from, until, ...rest }) => ({
          ...rest,
          from: noteInstant(from, now),
          until: noteInstant(until, now),
        })),
      });
    } catch (error) {
      this.#log.warn(
        "cannot note that this run lives; the next one will report more downtime than there was",
        error,
      );
    }
  }
}
